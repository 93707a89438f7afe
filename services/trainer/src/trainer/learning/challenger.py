"""The candidate that won becomes a challenger: a pipeline, its figures, and its bundle."""

from dataclasses import dataclass

from sklearn.pipeline import Pipeline

from relevo_contracts.manifest import Lineage
from relevo_datasets.splitting import TEST, TRAIN, VALIDATION
from trainer.judging.comparison import Answers
from trainer.judging.evaluation import (
    Evaluation,
    calibration,
    permutation_importance,
    slices,
)
from trainer.learning.assignment import Assignment
from trainer.learning.bundling import Description, build_bundle, build_pipeline
from trainer.learning.fitting import answers_of, nameless
from trainer.learning.learning_set import LearningSet, Rows
from trainer.learning.reference import learn_reference
from trainer.learning.stages import Stages
from trainer.learning.trials import Trial

IMPORTANCE_ROWS = 1_500


@dataclass(frozen=True)
class Challenger:
    """The winner; `test` are the pipeline's answers to the test rows."""

    trial: Trial
    pipeline: Pipeline
    test: Answers
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
    names = [feature.name for feature in learning.dataset.features]
    rows = learning.frame.iloc[learning.rows(TEST)][names]
    with stages.stage("evaluate") as found:
        pipeline = build_pipeline(
            trial.estimator, trial.encoding, learning.derived, learning.dataset
        )
        test = answers_of(learning.task, pipeline, rows)
        evaluation = evaluate(trial, learning, test, threads=assignment.threads)
        found |= {"figure": evaluation.figure, "test": evaluation.leading.value}
    with stages.stage("bundle"):
        bundle = build_bundle(
            trial.estimator,
            trial.encoding,
            learning.dataset,
            _description(assignment, learning, trial, evaluation, run_id),
            serve=trial.candidate.serve,
            test=rows,
            expected=test,
        )
    return Challenger(trial, pipeline, test, evaluation, bundle)


def evaluate(
    trial: Trial, learning: LearningSet, answers: Answers, *, threads: int
) -> Evaluation:
    """All that is known of the winner on the test rows; the rule is validation's."""
    test, validation, task = learning.rows(TEST), learning.rows(VALIDATION), learning.task
    dataset, y = learning.dataset, learning.y[test]
    rule = task.rule(learning.y[validation], trial.validation)
    sliced = [dataset.feature(name) for name in dataset.slices]
    return Evaluation(
        target=learning.target,
        rows=test.size,
        rule=rule,
        metrics=task.figures(y, answers),
        rates=task.rates(y, answers, rule),
        calibration=calibration(*task.said_and_came(y, answers)),
        confusion=task.confusion(y, answers, rule),
        slices=slices(task, learning.frame.iloc[test], sliced, y, answers, rule),
        importance=_importance(trial, learning, validation[:IMPORTANCE_ROWS], threads),
    )


def _importance(
    trial: Trial, learning: LearningSet, rows: Rows, threads: int
) -> dict[str, float]:
    task, y = learning.task, learning.y[rows]
    if not task.is_enough(y):
        return {}
    matrix = trial.encoding.matrix(learning.derived.iloc[rows])
    names = [column.name for column in trial.encoding.columns]
    # the filter of warnings is one for all threads: it is set around them
    with nameless():
        return permutation_importance(
            task,
            lambda mixed: task.ask(trial.estimator, mixed),
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
        threshold=evaluation.rule.threshold,
        residuals=evaluation.rule.residuals,
        metrics=evaluation.metrics,
        reference=learn_reference(
            learning.frame.iloc[learning.rows(TRAIN)],
            learning.dataset.features,
            batch_rows=learning.newest.size,
        ),
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
