"""What the trainer noted about a batch, read with tolerance: a missing figure is None."""

from relevo_contracts.results import StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics


class Training(TrainedStatistics):
    """The trainer's verdict on one batch, its reason and the figures behind both.

    `took_seconds`: the whole work. A version before this one noted other figures: they
    are None.
    """

    verdict: Verdict
    reason: str | None
    took_seconds: float

    @property
    def version(self) -> str | None:
        """That which was registered for it."""
        return self.model_version

    @property
    def gain(self) -> float | None:
        """By how much the challenger's leading figure is above the champion's."""
        if self.test is None or self.champion is None:
            return None
        return self.test - self.champion


def read_training(result: StageResult) -> Training:
    """The training that a result of the stage `trained` tells of."""
    work = result.finished_at - result.started_at
    own = {"verdict": result.verdict, "reason": result.reason}
    return Training.model_validate(
        {**result.statistics, **own, "took_seconds": work.total_seconds()}
    )
