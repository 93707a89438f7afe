"""The candidate that won becomes a challenger: a pipeline, its figures, and its bundle."""

from dataclasses import dataclass

import numpy as np
from sklearn.pipeline import Pipeline

from relevo_contracts.manifest import Lineage
from relevo_datasets.splitting import TEST, VALIDATION
from trainer.judging.delong import Numbers
from trainer.judging.evaluation import (
    Evaluation,
    best_threshold,
    calibration,
    confusion,
    permutation_importance,
    slices,
)
from trainer.judging.intervals import figures
from trainer.learning.assignment import Assignment
from trainer.learning.bundling import Description, build_bundle, build_pipeline
from trainer.learning.candidates import nameless, probabilities
from trainer.learning.learning_set import LearningSet, Rows
from trainer.learning.stages import Stages
from trainer.learning.trials import Trial

IMPORTANCE_ROWS = 1_500


@dataclass(frozen=True)
class Challenger:
    """The winner; `test` are the pipeline's probabilities of the test rows."""

    trial: Trial
    pipeline: Pipeline
    test: Numbers
    evaluation: Evaluation
    bundle: bytes

    @property
    def algorithm(self) -> str:
        return self.trial.candidate.algorithm


def make_challenger(
    trial: Trial,
    assignment: Assignment,
    learning: LearningSet,
    *,
    run_id: str,
    stages: Stages,
) -> Challenger:
    """Everything that is registered of a winner.

    Raises InexactBundleError when its bundle does not answer as its pipeline.
    """
    rows = learning.frame.iloc[learning.rows(TEST)]
    with stages.stage("evaluate") as found:
        pipeline = build_pipeline(
            trial.estimator, trial.encoding, learning.derived, learning.dataset
        )
        test = probabilities(pipeline, rows)
        evaluation = evaluate(trial, learning, test, threads=assignment.threads)
        found["test_auc"] = evaluation.metrics["roc_auc"].value
    with stages.stage("bundle"):
        bundle = build_bundle(
            trial.estimator,
            trial.encoding,
            learning.dataset,
            _description(assignment, learning, trial, evaluation, run_id),
            test=rows,
            expected=test,
        )
    return Challenger(trial, pipeline, test, evaluation, bundle)


def evaluate(
    trial: Trial, learning: LearningSet, probability: Numbers, *, threads: int
) -> Evaluation:
    """All that is known of the winner on the test rows; the threshold is validation's."""
    test, validation = learning.rows(TEST), learning.rows(VALIDATION)
    y = learning.y[test]
    threshold = best_threshold(learning.y[validation], trial.validation)
    return Evaluation(
        rows=test.size,
        threshold=threshold,
        metrics=figures(y, probability),
        calibration=calibration(y, probability),
        confusion=confusion(y, probability, threshold),
        slices=slices(
            learning.frame.iloc[test], learning.dataset.slices, y, probability, threshold
        ),
        importance=_importance(trial, learning, validation[:IMPORTANCE_ROWS], threads),
    )


def _importance(
    trial: Trial, learning: LearningSet, rows: Rows, threads: int
) -> dict[str, float]:
    y = learning.y[rows]
    if len(np.unique(y)) < 2:
        return {}
    matrix = trial.encoding.matrix(learning.derived.iloc[rows])
    names = [column.name for column in trial.encoding.columns]
    # the filter of warnings is one for all threads: it is set around them
    with nameless():
        return permutation_importance(
            lambda mixed: trial.estimator.predict_proba(mixed)[:, 1],
            matrix,
            y,
            names,
            threads=threads,
        )


def _description(
    assignment: Assignment,
    learning: LearningSet,
    trial: Trial,
    evaluation: Evaluation,
    run_id: str,
) -> Description:
    used = set(learning.batches)
    hashes = tuple(t.sha256 for t in assignment.tables if t.batch_id in used)
    return Description(
        model=assignment.model,
        target=learning.target,
        algorithm=trial.candidate.algorithm,
        threshold=evaluation.threshold,
        metrics=evaluation.metrics,
        lineage=Lineage(
            run_id=run_id,
            batches=learning.batches,
            batch_sha256=hashes,
            newest_released_at=assignment.released_at,
            code_version=assignment.code_version,
            # of the data, not of the clock: the same batches give the same bundle
            trained_at=assignment.cleaned_at,
        ),
    )
