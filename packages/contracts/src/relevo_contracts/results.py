"""What a stage made of a batch, and who relieved whom: as the catalog keeps it."""

from enum import StrEnum
from typing import Literal, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from relevo_contracts.envelope import Envelope
from relevo_contracts.events import Event, ObjectRef
from relevo_contracts.registry_notes import Mover

E = TypeVar("E", bound=Event)


class Stage(StrEnum):
    """The stations of a batch; each has at most one result per batch."""

    RAW = "raw"
    CLEAN = "clean"
    TRAINED = "trained"


class Verdict(StrEnum):
    """How a stage ended: the batch went on, or was refused; the model won, or lost.

    HELD: nothing is learned from the batch until a person releases it.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PROMOTED = "promoted"
    KEPT = "kept"
    HELD = "held"

    @property
    def is_of_a_model(self) -> bool:
        """True where something was learned from the batch, whatever became of it."""
        return self in {Verdict.PROMOTED, Verdict.KEPT}


class Announcement(BaseModel):
    """The event that a stage's result became, kept so that a repeat sends the same."""

    model_config = ConfigDict(frozen=True)

    envelope: dict[str, JsonValue]
    body: dict[str, JsonValue]

    @classmethod
    def of(cls, event: Event, envelope: Envelope) -> Self:
        """As it is kept."""
        return cls(
            envelope=envelope.model_dump(mode="json"), body=event.model_dump(mode="json")
        )

    def read(self, kind: type[E]) -> tuple[E, Envelope]:
        """The event and its envelope; raises pydantic's ValidationError."""
        return kind.model_validate(self.body), Envelope.model_validate(self.envelope)


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
    again: bool = False
    """It stands until it is made once more, which somebody has asked for."""
    started_at: AwareDatetime
    finished_at: AwareDatetime


class Decision(BaseModel):
    """What a person last decided about learning from a batch: for who makes the next model.

    released: it is learned from, although it was held. rejected: it is left out, although
    it may have been learned from.
    """

    model_config = ConfigDict(frozen=True)

    batch_id: str
    dataset: str
    decision: Literal["released", "rejected"]
    who: str
    why: str
    at: AwareDatetime

    def __str__(self) -> str:
        return f"{self.decision} by {self.who}: {self.why}"


class Promotion(BaseModel):
    """One entry of the promotion history, keyed by the id of its event.

    moved_by, who, why: as in the event. number: its place among the model's promotions,
    as the catalog gave it. announcement: the event itself, to tell it again; of one that
    an older watcher recorded there is none.
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    event_id: str
    model: str
    model_version: str
    previous_version: str | None
    bundle_sha256: str
    batches: tuple[str, ...]
    promoted_at: AwareDatetime
    moved_by: Mover | None = None
    who: str | None = None
    why: str | None = None
    number: int | None = None
    announcement: Announcement | None = None

    @property
    def order(self) -> tuple[float, int]:
        """As that of its event: of two promotions of a model the greater one is newer."""
        return self.promoted_at.timestamp(), self.number or 0

    @property
    def bundle_key(self) -> str:
        """Where the registry-watcher has put the bundle in the object store."""
        return f"bundles/{self.model}/{self.bundle_sha256}.zip"
