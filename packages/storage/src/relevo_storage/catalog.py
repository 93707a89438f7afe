"""The port through which services remember which stage did what with each batch."""

from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from relevo_contracts import ObjectRef


class Stage(StrEnum):
    """The stations of a batch; each has at most one result per batch."""

    RAW = "raw"
    CLEAN = "clean"
    TRAINED = "trained"


class Verdict(StrEnum):
    """How a stage ended: the batch went on, or was refused; the model won, or lost."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROMOTED = "promoted"
    KEPT = "kept"


class Announcement(BaseModel):
    """The event that a stage's result became, kept so that a repeat sends the same."""

    model_config = ConfigDict(frozen=True)

    envelope: dict[str, JsonValue]
    body: dict[str, JsonValue]


class StageResult(BaseModel):
    """What one stage made of one batch."""

    model_config = ConfigDict(frozen=True)

    batch_id: str
    dataset: str
    number: int
    stage: Stage
    verdict: Verdict
    reason: str | None = None
    table: ObjectRef | None = None
    rows: int | None = None
    statistics: dict[str, JsonValue] = {}
    announcement: Announcement | None = None
    started_at: AwareDatetime
    finished_at: AwareDatetime


class Promotion(BaseModel):
    """One entry of the promotion history, keyed by the id of its event."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    event_id: str
    model: str
    model_version: str
    previous_version: str | None
    bundle_sha256: str
    batches: tuple[str, ...]
    promoted_at: AwareDatetime


class Catalog(Protocol):
    """Who did what with which result; every adapter raises OutageError while it is away."""

    async def record(self, result: StageResult) -> StageResult:
        """Keep the first result of (batch, stage) and answer the one that stands."""

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        """The result of a stage for a batch, or None."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""

    async def unannounced(self, dataset: str, stage: Stage) -> list[StageResult]:
        """Results with an announcement that `mark_announced` was not told of yet."""

    async def mark_announced(self, batch_id: str, stage: Stage) -> None:
        """The broker has acknowledged the result's announcement."""


class PromotionHistory(Protocol):
    """Which version relieved which, in order; OutageError as in Catalog."""

    async def record_promotion(self, promotion: Promotion) -> None:
        """Keep the promotion; a second record of the same event changes nothing."""

    async def promotions(self, model: str) -> list[Promotion]:
        """The model's promotions, oldest first."""
