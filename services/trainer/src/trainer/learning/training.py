"""What is learned from the clean batches so far: candidates, a winner and its verdict.

Pure: rows and the champion's bundle in, a trained model with all its figures out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from relevo_contracts.statistics import FIGURES
from relevo_datasets.splitting import TEST, TRAIN
from trainer.judging.champion import Champion, OnDuty
from trainer.judging.comparison import Answers, Comparison, paired
from trainer.judging.live import Live, look
from trainer.judging.spending import CHANCE
from trainer.judging.verdict import Verdict, judge, judge_first, withheld, without
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

    champion_test: the champion's answers to the test rows; live: what it is worth on the
    newest rows as they came. Both are None when there was no champion to ask.
    lost: as in the assignment.
    """

    learning: LearningSet
    trials: tuple[Trial, ...]
    challenger: Challenger
    champion: Champion | None
    champion_test: Answers | None
    live: Live | None
    verdict: Verdict
    lost: dict[str, str]


def live_of(
    champion: Champion | None, learning: LearningSet, stages: Stages
) -> Live | None:
    """The champion on the newest rows as they came, before anything learns from them.

    None when there is none, and for rows that cannot be judged.
    """
    if champion is None:
        return None
    rows, target = learning.newest, learning.target
    with stages.stage("live score") as found:
        live = look(
            target,
            champion.version,
            learning.y[rows],
            _answers(champion, learning, learning.frame.iloc[rows]),
            test=champion.bundle.manifest.metrics.get(learning.task.FIGURE),
            limits=learning.dataset.holding,
        )
        if live:
            found |= {"figure": learning.task.FIGURE, "live": live.leading.value}
    return live


def train(
    assignment: Assignment,
    learning: LearningSet,
    duty: OnDuty,
    *,
    run_id: str,
    stages: Stages,
    candidates: Sequence[Candidate],
    live: Live | None = None,
) -> Trained:
    """Fit the candidates, choose, judge; live: see `live_of`."""
    champion = duty.champion
    trials = try_all(candidates, learning, assignment.threads, stages)
    winner = min(trials, key=lambda trial: trial.loss)
    challenger = make_challenger(winner, assignment, learning, run_id=run_id, stages=stages)
    with stages.stage("verdict") as found:
        test = learning.frame.iloc[learning.rows(TEST)]
        champion_test = _answers(champion, learning, test) if champion else None
        verdict = _judge(assignment, learning, challenger, duty, champion_test)
        verdict = without(verdict, assignment.lost, "not in the store as it was kept")
        verdict = without(verdict, assignment.left_out, "held or rejected")
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


def _judge(
    assignment: Assignment,
    learning: LearningSet,
    challenger: Challenger,
    duty: OnDuty,
    champion_test: Answers | None,
) -> Verdict:
    task, y = learning.task, learning.y[learning.rows(TEST)]
    champion, answers = duty.champion, challenger.test
    number = 1 + assignment.verdicts.get(champion.sha256 if champion else CHANCE, 0)
    if champion is None or champion_test is None:
        train_y = learning.y[learning.rows(TRAIN)]
        comparison = task.against_chance(train_y, y, answers)
        if duty.is_unmet:
            return withheld(judge_first(comparison, number=number), str(duty.remark))
        return judge_first(comparison, number=number, remark=duty.remark)
    comparison = Comparison(
        f"champion v{champion.version}",
        FIGURES[task.FIGURE],
        task.leading(y, answers).value,
        task.leading(y, champion_test).value,
        *paired(task.losses(y, answers), task.losses(y, champion_test)),
    )
    return judge(
        comparison,
        number=number,
        challenger_saw=learning.batches,
        champion_saw=champion.batches,
        left_out={*assignment.lost, *assignment.left_out},
    )
