"""What is learned from the clean batches so far: candidates, a winner and its verdict.

Pure: rows and the champion's bundle in, a trained model with all its figures out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from relevo_contracts.manifest import Interval
from relevo_datasets.splitting import TEST
from trainer.judging.champion import Champion
from trainer.judging.delong import Numbers, against, against_chance
from trainer.judging.intervals import figures
from trainer.judging.verdict import Verdict, judge, judge_first
from trainer.learning.assignment import Assignment
from trainer.learning.bundling import columns_of
from trainer.learning.candidates import CANDIDATES, Candidate
from trainer.learning.challenger import Challenger, make_challenger
from trainer.learning.learning_set import LearningSet
from trainer.learning.stages import Stages
from trainer.learning.trials import Trial, try_all


@dataclass(frozen=True)
class Trained:
    """Who was tried, who won, and what was decided.

    champion_test: the champion's probabilities of the test rows; live: its figures on the
    newest rows as they came. Both are None when there was no champion to ask.
    """

    learning: LearningSet
    trials: tuple[Trial, ...]
    challenger: Challenger
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
    challenger = make_challenger(winner, assignment, learning, run_id=run_id, stages=stages)
    with stages.stage("verdict") as found:
        test = learning.frame.iloc[learning.rows(TEST)]
        champion_test = _scores(champion, learning, test) if champion else None
        verdict = _judge(assignment, learning, challenger, champion, champion_test)
        found["is_promoted"] = verdict.is_promoted
    return Trained(
        learning=learning,
        trials=trials,
        challenger=challenger,
        champion=champion,
        champion_test=champion_test,
        live=live,
        verdict=verdict,
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
    challenger: Challenger,
    champion: Champion | None,
    champion_test: Numbers | None,
) -> Verdict:
    y = learning.y[learning.rows(TEST)]
    if champion is None or champion_test is None:
        return judge_first(against_chance(y, challenger.test))
    return judge(
        against(y, challenger.test, champion_test),
        policy=assignment.policy,
        champion=champion.version,
        challenger_saw=learning.batches,
        champion_saw=champion.batches,
    )
