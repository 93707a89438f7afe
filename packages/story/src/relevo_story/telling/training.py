"""What the trainer noted about a batch, read with tolerance: a missing figure is None."""

from dataclasses import dataclass

from relevo_contracts.results import StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from relevo_contracts.tasks import Task


@dataclass(frozen=True)
class Training:
    """The trainer's verdict on one batch and the figures behind it.

    `figure` names the task's leading figure, which `validation`, `test` (of the
    challenger), `champion` and `live` are; `difference` and `z` are what the verdict
    rests on. A version before this one noted other figures: they are None.
    """

    verdict: Verdict
    reason: str | None
    seconds: float
    algorithm: str | None = None
    version: str | None = None
    champion_version: str | None = None
    task: Task | None = None
    figure: str | None = None
    validation: float | None = None
    test: float | None = None
    champion: float | None = None
    live: float | None = None
    difference: float | None = None
    z: float | None = None

    @property
    def gain(self) -> float | None:
        """By how much the challenger's leading figure is above the champion's."""
        if self.test is None or self.champion is None:
            return None
        return self.test - self.champion


def read_training(result: StageResult) -> Training:
    """The training that a result of the stage `trained` tells of."""
    noted = TrainedStatistics.read(result.statistics)
    return Training(
        verdict=result.verdict,
        reason=result.reason,
        seconds=(result.finished_at - result.started_at).total_seconds(),
        algorithm=noted.algorithm,
        version=noted.model_version,
        champion_version=noted.champion_version,
        task=noted.task,
        figure=noted.figure,
        validation=noted.validation,
        test=noted.test,
        champion=noted.champion,
        live=noted.live,
        difference=noted.difference,
        z=noted.z,
    )
