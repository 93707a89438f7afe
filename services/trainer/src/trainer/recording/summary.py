"""What a training is remembered by: the figures in the catalog and on the version."""

import math

from relevo_contracts.statistics import TrainedStatistics, TriedCandidate
from relevo_datasets.splitting import SPLITS
from trainer.learning.training import Trained


def statistics_of(trained: Trained, seconds: dict[str, float]) -> TrainedStatistics:
    """The figures behind the verdict, for the live view and for people."""
    comparison = trained.verdict.comparison
    champion, live = trained.champion, trained.live
    evaluation = trained.challenger.evaluation
    return TrainedStatistics(
        task=evaluation.target.task,
        figure=evaluation.figure,
        algorithm=trained.challenger.algorithm,
        champion_version=champion.version if champion else None,
        validation=_figure(trained.challenger.trial.figure),
        test=_figure(comparison.value),
        champion=_figure(comparison.other) if champion else None,
        live=_figure(live[evaluation.figure].value) if live else None,
        difference=_figure(comparison.difference),
        standard_error=_figure(comparison.standard_error),
        z=_figure(comparison.z),
        p=_figure(comparison.p),
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


def _figure(value: float) -> float | None:
    """JSON has no infinity."""
    return round(value, 6) if math.isfinite(value) else None
