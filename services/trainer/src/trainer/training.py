"""What is learned from the clean batches so far: candidates, a winner and its verdict.

Pure: rows and the champion's bundle in, a trained model with all its figures out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from relevo_contracts.manifest import Interval, Lineage
from relevo_datasets.splitting import TEST, VALIDATION
from trainer.assignment import Assignment
from trainer.bundling import Description, build_bundle, build_pipeline, columns_of
from trainer.candidates import CANDIDATES, Candidate, probabilities
from trainer.champion import Champion
from trainer.delong import Numbers, against, against_chance
from trainer.evaluation import (
    Evaluation,
    best_threshold,
    calibration,
    confusion,
    permutation_importance,
    slices,
)
from trainer.intervals import figures
from trainer.learning_set import LearningSet
from trainer.stages import Stages
from trainer.trials import Trial, try_all
from trainer.verdict import Verdict, judge, judge_first

IMPORTANCE_ROWS = 1_500


@dataclass(frozen=True)
class Trained:
    """The winner on the test rows, and what was decided.

    expected: the pipeline's probabilities of the test rows; champion_test: the
    champion's; live: the champion's figures on the newest rows as they came. The last two
    are None when there was no champion to ask.
    """

    learning: LearningSet
    trials: tuple[Trial, ...]
    winner: Trial
    pipeline: Any
    bundle: bytes
    expected: Numbers
    evaluation: Evaluation
    champion: Champion | None
    champion_test: Numbers | None
    live: dict[str, Interval] | None
    verdict: Verdict


def train(
    assignment: Assignment,
    learning: LearningSet,
    champion: Champion | None,
    *,
    run_id: str,
    stages: Stages,
    candidates: Sequence[Candidate] = CANDIDATES,
) -> Trained:
    """Let the champion score the newest rows, fit the candidates, choose, judge."""
    live = _live_figures(champion, learning, stages) if champion else None
    trials = try_all(candidates, learning, assignment.threads, stages)
    winner = max(trials, key=lambda trial: trial.validation_auc)
    test = learning.frame.iloc[learning.rows(TEST)]
    with stages.stage("evaluate") as found:
        pipeline = build_pipeline(
            winner.estimator, winner.encoding, learning.derived, learning.dataset
        )
        expected = probabilities(pipeline, test)
        evaluation = evaluate(winner, learning, expected)
        found["test_auc"] = evaluation.metrics["roc_auc"].value
    with stages.stage("bundle"):
        bundle = build_bundle(
            winner.estimator,
            winner.encoding,
            learning.dataset,
            _description(assignment, learning, winner, evaluation, run_id),
            test=test,
            expected=expected,
        )
    with stages.stage("verdict") as found:
        champion_test = _scores(champion, learning, test) if champion else None
        verdict = _judge(assignment, learning, expected, champion, champion_test)
        found["is_promoted"] = verdict.is_promoted
    return Trained(
        learning=learning,
        trials=trials,
        winner=winner,
        pipeline=pipeline,
        bundle=bundle,
        expected=expected,
        evaluation=evaluation,
        champion=champion,
        champion_test=champion_test,
        live=live,
        verdict=verdict,
    )


def evaluate(winner: Trial, learning: LearningSet, expected: Numbers) -> Evaluation:
    """All that is known of the winner on the test rows; the threshold is validation's."""
    test, validation = learning.rows(TEST), learning.rows(VALIDATION)
    y = learning.y[test]
    threshold = best_threshold(learning.y[validation], winner.validation)
    some = validation[:IMPORTANCE_ROWS]
    importance = {}
    if len(np.unique(learning.y[some])) == 2:
        importance = permutation_importance(
            lambda matrix: probabilities(winner.estimator, matrix),
            winner.encoding.matrix(learning.derived.iloc[some]),
            learning.y[some],
            [column.name for column in winner.encoding.columns],
        )
    return Evaluation(
        rows=test.size,
        threshold=threshold,
        metrics=figures(y, expected),
        calibration=calibration(y, expected),
        confusion=confusion(y, expected, threshold),
        slices=slices(
            learning.frame.iloc[test], learning.dataset.slices, y, expected, threshold
        ),
        importance=importance,
    )


def _scores(champion: Champion, learning: LearningSet, rows: pd.DataFrame) -> Numbers:
    return champion.bundle.probabilities(columns_of(rows, learning.dataset.features))


def _live_figures(
    champion: Champion, learning: LearningSet, stages: Stages
) -> dict[str, Interval] | None:
    """The champion on the newest rows as they came; None when they lack a class."""
    y = learning.y[learning.newest]
    if min(y.sum(), (1 - y).sum()) < 2:
        return None
    with stages.stage("live score") as found:
        rows = learning.frame.iloc[learning.newest]
        live = figures(y, _scores(champion, learning, rows))
        found["roc_auc"] = live["roc_auc"].value
    return live


def _judge(
    assignment: Assignment,
    learning: LearningSet,
    expected: Numbers,
    champion: Champion | None,
    champion_test: Numbers | None,
) -> Verdict:
    y = learning.y[learning.rows(TEST)]
    if champion is None or champion_test is None:
        return judge_first(against_chance(y, expected))
    return judge(
        against(y, expected, champion_test),
        policy=assignment.policy,
        champion=champion.version,
        challenger_saw=learning.batches,
        champion_saw=champion.batches,
    )


def _description(
    assignment: Assignment,
    learning: LearningSet,
    winner: Trial,
    evaluation: Evaluation,
    run_id: str,
) -> Description:
    used = set(learning.batches)
    hashes = tuple(t.sha256 for t in assignment.tables if t.batch_id in used)
    return Description(
        model=assignment.model,
        target=learning.target,
        algorithm=winner.candidate.algorithm,
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
