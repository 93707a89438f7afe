"""What a training is remembered by: the figures in the catalog and on the version."""

import math

from relevo_contracts.statistics import TrainedStatistics, TriedCandidate
from relevo_datasets.splitting import SPLITS
from trainer.judging.live import Live
from trainer.judging.tasks import TASKS
from trainer.learning.training import Trained

LIVE = {"live", "live_z", "live_loss", "live_ece", "live_came", "live_said"}


def statistics_of(trained: Trained, seconds: dict[str, float]) -> TrainedStatistics:
    """The figures behind the verdict, for the live view and for people."""
    verdict, comparison = trained.verdict, trained.verdict.comparison
    champion = trained.champion
    live = statistics_of_live(trained.live, {}) if trained.live else TrainedStatistics()
    evaluation = trained.challenger.evaluation
    return TrainedStatistics(
        task=evaluation.target.task,
        figure=evaluation.figure,
        algorithm=trained.challenger.algorithm,
        champion_version=champion.version if champion else None,
        champion_sha256=champion.sha256 if champion else None,
        validation=_figure(trained.challenger.trial.figure),
        test=_figure(comparison.value),
        champion=_figure(comparison.other) if champion else None,
        **live.model_dump(include=LIVE),
        difference=_figure(comparison.difference),
        standard_error=_figure(comparison.standard_error),
        z=_figure(comparison.z),
        p=_figure(comparison.p),
        verdict_number=verdict.number,
        level=verdict.level,
        needed_z=_figure(verdict.needed_z),
        intervals={
            name: {bound: _figure(value) for bound, value in interval}
            for name, interval in evaluation.metrics.items()
        },
        candidates=[
            TriedCandidate(
                algorithm=trial.candidate.algorithm,
                figure=_figure(trial.figure),
                seconds=trial.seconds,
            )
            for trial in trained.trials
        ],
        rows={split: int(trained.learning.rows(split).size) for split in SPLITS},
        repeats=trained.learning.repeats,
        batches=list(trained.learning.batches),
        lost=dict(trained.lost),
        seconds=dict(seconds),
    )


def statistics_of_live(live: Live, seconds: dict[str, float]) -> TrainedStatistics:
    """The figures of a champion on the newest batch, which nothing learned from (yet)."""
    place = live.furthest
    return TrainedStatistics(
        task=live.target.task,
        figure=TASKS[live.target.task].FIGURE,
        champion_version=live.version,
        champion=_figure(live.test.value) if live.test else None,
        live=_figure(live.leading.value),
        live_z=None if live.z is None else _figure(live.z),
        live_loss=_figure(live.loss),
        live_ece=None if place is None else _figure(live.ece),
        live_came=None if place is None else _figure(live.came[place]),
        live_said=None if place is None else _figure(live.said[place]),
        seconds=seconds,
    )


def _figure(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 6) if math.isfinite(value) else None
