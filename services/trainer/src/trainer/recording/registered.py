"""A version as the registry keeps it, and where the registry is."""

from dataclasses import dataclass
from typing import ClassVar

from relevo_contracts.results import Verdict
from relevo_contracts.statistics import TrainedStatistics


@dataclass(frozen=True)
class Registry:
    """Where the job finds MLflow, and which alias the champion has."""

    tracking_uri: str
    alias: str


@dataclass(frozen=True)
class HeldBatch:
    """Nothing was learned from the newest batch, as it is odd; a run says so.

    reason: in words. statistics: of the champion on it.
    """

    model: str
    run_id: str
    reason: str
    statistics: TrainedStatistics

    verdict: ClassVar[Verdict] = Verdict.HELD


@dataclass(frozen=True)
class Registered:
    """A version with its verdict; the registry keeps all of it.

    relieves: the version under the alias when the verdict was made; moved_before: the note
    of the alias's last move then. is_concluded: the verdict was followed.
    """

    model: str
    version: str
    run_id: str
    is_promoted: bool
    reason: str
    relieves: str | None
    statistics: TrainedStatistics
    moved_before: str = ""
    is_concluded: bool = False

    @property
    def verdict(self) -> Verdict:
        """On the version."""
        return Verdict.PROMOTED if self.is_promoted else Verdict.KEPT
