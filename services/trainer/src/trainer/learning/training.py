"""What is learned from the clean batches so far: candidates, a winner and its verdict.

Pure: rows and the champion's bundle in, a trained model with all its figures out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from relevo_datasets.splitting import TEST, TRAIN
from trainer.judging.champion import Champion, OnDuty
from trainer.judging.comparison import Answers, Comparison, paired
from trainer.judging.verdict import Verdict, judge, judge_first, without
from trainer.learning.assignment import Assignment
from trainer.learning.bundling import columns_of
from trainer.learning.candidates import Candidate
from trainer.learning.challenger import Challenger, make_challenger
from trainer.learning.learning_set import LearningSet
from trainer.learning.stages import Stages
from trainer.learning.trials import Trial, try_all


@dataclass(frozen=True)
class Trained:
    """Who was tried, who won, and what was decided.

    champion_test: the champion's answers to the test rows; live: its figures on the
    newest rows as they came. Both are None when there was no champion to ask.
    lost: as in the assignment.
    """

    learning: LearningSet
    trials: tuple[Trial, ...]
    challenger: Challenger
    champion: Champion | None
    champion_test: Answers | None
    live: dict[str, Interval] | None
    verdict: Verdict
    lost: dict[str, str]


def train(
    assignment: Assignment,
    learning: LearningSet,
    duty: OnDuty,
    *,
    run_id: str,
    stages: Stages,
    candidates: Sequence[Candidate],
) -> Trained:
    """Let the champion score the newest rows, fit the candidates, choose, judge."""
    champion = duty.champion
    live = _live_figures(champion, learning, stages) if champion else None
    trials = try_all(candidates, learning, assignment.threads, stages)
    winner = max(trials, key=lambda trial: trial.rank)
    challenger = make_challenger(winner, assignment, learning, run_id=run_id, stages=stages)
    with stages.stage("verdict") as found:
        test = learning.frame.iloc[learning.rows(TEST)]
        champion_test = _answers(champion, learning, test) if champion else None
        verdict = without(
            _judge(assignment, learning, challenger, duty, champion_test),
            assignment.lost,
        )
        found["is_promoted"] = verdict.is_promoted
    return Trained(
        learning=learning,
        trials=trials,
        challenger=challenger,
        champion=champion,
        champion_test=champion_test,
        live=live,
        verdict=verdict,
        lost=assignment.lost,
    )


def _answers(champion: Champion, learning: LearningSet, rows: pd.DataFrame) -> Answers:
    return champion.bundle.answers(columns_of(rows, learning.dataset.features))


def _live_figures(
    champion: Champion, learning: LearningSet, stages: Stages
) -> dict[str, Interval] | None:
    """The champion on the newest rows as they came; None when they cannot be judged."""
    task, y = learning.task, learning.y[learning.newest]
    if not task.is_enough(y):
        return None
    with stages.stage("live score") as found:
        rows = learning.frame.iloc[learning.newest]
        live = task.figures(y, _answers(champion, learning, rows))
        found |= {"figure": task.FIGURE, "live": live[task.FIGURE].value}
    return live


def _judge(
    assignment: Assignment,
    learning: LearningSet,
    challenger: Challenger,
    duty: OnDuty,
    champion_test: Answers | None,
) -> Verdict:
    task, y = learning.task, learning.y[learning.rows(TEST)]
    champion, answers = duty.champion, challenger.test
    if champion is None or champion_test is None:
        train_y = learning.y[learning.rows(TRAIN)]
        comparison = task.against_chance(train_y, y, answers)
        return judge_first(comparison, remark=duty.remark)
    comparison = Comparison(
        f"champion v{champion.version}",
        FIGURES[task.FIGURE],
        task.leading(y, answers).value,
        task.leading(y, champion_test).value,
        *paired(task.losses(y, answers), task.losses(y, champion_test)),
    )
    return judge(
        comparison,
        policy=assignment.policy,
        challenger_saw=learning.batches,
        champion_saw=set(champion.batches) - set(assignment.lost),
    )
