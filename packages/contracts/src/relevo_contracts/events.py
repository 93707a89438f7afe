"""The facts that travel between the services, one frozen and versioned model each.

Only additive changes: a new field has a default, a field never goes or changes its
type; `relevo_contracts.schemas` holds that line.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from relevo_contracts.topics import Topic

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Fact(BaseModel):
    """Frozen, and blind to fields that a newer writer may add."""

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())


class ObjectRef(Fact):
    """Where a large object lies, and how to know that it is the right one."""

    key: str = Field(description="its name in the object store's bucket")
    sha256: Sha256 = Field(description="the SHA-256 of its bytes")
    size: int = Field(ge=0, description="bytes")


class Event(Fact):
    """A fact in the past tense."""

    topic: ClassVar[Topic]
    type: ClassVar[str]

    @property
    def key(self) -> str:
        """The record's key: what must stay in order stays on one partition."""
        raise NotImplementedError


class BatchRaw(Event):
    """A batch of the data source was taken, checked and stored as it came."""

    topic: ClassVar[Topic] = Topic.BATCH_RAW
    type: ClassVar[str] = "relevo.batch.raw.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    batch_id: str = Field(description="dataset and number, e.g. diabetes130-0001")
    dataset: str = Field(description="what the table means, e.g. diabetes130")
    number: int = Field(ge=1, description="its place in the order of taking")
    attempt: int = Field(
        default=1, ge=1, description="which try it is; the earlier ones were refused"
    )
    table: ObjectRef = Field(description="the rows as Parquet, all columns as text")
    rows: int = Field(ge=1, description="as many as the source sent")
    source_url: str = Field(description="where it was fetched")
    source_sha256: Sha256 = Field(description="of the bytes that the source sent")
    released_at: datetime = Field(description="when the source offered the batch")
    ingested_at: datetime = Field(description="when it was stored")

    @property
    def key(self) -> str:
        return self.batch_id


class BatchClean(Event):
    """A batch was cleaned, split and passed the quality gate."""

    topic: ClassVar[Topic] = Topic.BATCH_CLEAN
    type: ClassVar[str] = "relevo.batch.clean.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    batch_id: str = Field(description="the batch that was cleaned")
    dataset: str = Field(description="what the table means")
    number: int = Field(ge=1, description="its place in the source's order")
    table: ObjectRef = Field(description="the clean rows as Parquet")
    report: ObjectRef = Field(description="the quality report as JSON")
    rows_in: int = Field(ge=1, description="rows of the raw batch")
    rows_out: int = Field(ge=1, description="rows of the clean table")
    rows_quarantined: int = Field(ge=0, description="rows that could not be read")
    raw_sha256: Sha256 = Field(description="of the raw batch's Parquet")
    released_at: datetime = Field(description="when the source offered the batch")
    cleaned_at: datetime = Field(description="when cleaning ended")

    @property
    def key(self) -> str:
        return self.dataset


class BatchHeld(Event):
    """The trainer does not learn from a batch until a person releases it."""

    topic: ClassVar[Topic] = Topic.BATCH_HELD
    type: ClassVar[str] = "relevo.batch.held.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    batch_id: str = Field(description="the batch that is held")
    dataset: str = Field(description="what the table means")
    number: int = Field(ge=1, description="its place in the source's order")
    reason: str = Field(description="what is odd about it, in words")
    model_version: str | None = Field(
        default=None, description="the version that was asked about its rows"
    )
    figure: str | None = Field(
        default=None, description="the name of the task's leading figure"
    )
    live: float | None = Field(default=None, description="that figure on the batch")
    test: float | None = Field(default=None, description="the same on its test rows")
    came: float | None = Field(default=None, description="the share of the class in it")
    said: float | None = Field(default=None, description="the mean answer about it")
    held_at: datetime = Field(description="when")

    @property
    def key(self) -> str:
        return self.dataset


class ModelPromoted(Event):
    """The alias of a model points at another version than before."""

    topic: ClassVar[Topic] = Topic.MODEL_PROMOTED
    type: ClassVar[str] = "relevo.model.promoted.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    model: str = Field(description="the registered model's name")
    model_version: str = Field(description="the version that should serve now")
    previous_version: str | None = Field(
        default=None, description="the version that should serve until now"
    )
    number: int | None = Field(
        default=None,
        ge=1,
        description="its number among the model's promotions; null: an older watcher",
    )
    alias: str = Field(default="champion", description="the registry's alias that moved")
    dataset: str = Field(description="the meaning of the table it learned from")
    bundle: ObjectRef = Field(description="the serving bundle")
    signature_sha256: Sha256 = Field(description="of the manifest's features")
    run_id: str = Field(description="the MLflow run that made it")
    batches: tuple[str, ...] = Field(description="the batches it learned from")
    released_at: datetime | None = Field(
        default=None, description="when the newest of its batches was released"
    )
    promoted_at: datetime = Field(
        description="when the watcher saw the alias there; later than its predecessor's"
    )
    moved_by: Literal["trainer", "person", "rollback"] | None = Field(
        default=None, description="who moved the alias; null: an older watcher saw it"
    )
    moved_at: datetime | None = Field(
        default=None, description="when; null: moved by hand in MLflow"
    )
    who: str | None = Field(default=None, description="the person who moved it, by name")
    why: str | None = Field(default=None, description="the reason that was given")

    @property
    def key(self) -> str:
        return self.model

    @property
    def order(self) -> tuple[float, int]:
        """Of two promotions of a model the greater one is the newer one.

        In a model's history number and time grow together, wherever the records lie. Where
        the history was lost with all numbers and began anew, the time alone goes on.
        """
        return self.promoted_at.timestamp(), self.number or 0


class ModelServed(Event):
    """A pod swapped to a promoted version, or refused it and says why."""

    topic: ClassVar[Topic] = Topic.MODEL_SERVED
    type: ClassVar[str] = "relevo.model.served.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    model: str = Field(description="the registered model's name")
    model_version: str = Field(description="the version that was promoted")
    serving_version: str | None = Field(description="the version that answers now")
    pod: str = Field(description="the pod's name")
    outcome: Literal["served", "refused"] = Field(description="what became of it")
    reason: str | None = Field(default=None, description="why it was refused")
    promotion_id: str = Field(description="the id of the promotion's envelope")
    bundle_sha256: Sha256 = Field(description="of the bundle that was promoted")
    swap_seconds: float = Field(ge=0, description="from the event to the answer")
    released_at: datetime | None = Field(
        default=None, description="when the newest batch of the model was released"
    )
    served_at: datetime = Field(description="when the swap ended")

    @property
    def key(self) -> str:
        return self.pod


class SourceSeen(Event):
    """The data source was asked, and answered or did not; told anew now and then."""

    topic: ClassVar[Topic] = Topic.SOURCE_SEEN
    type: ClassVar[str] = "relevo.source.seen.v1"

    version: Literal[1] = Field(default=1, description="of this event's form")
    source: str = Field(description="whose tables it hands out, e.g. diabetes130")
    status: Literal["available", "unavailable"] = Field(description="as it was seen")
    is_strange: bool = Field(
        default=False, description="it answers, but not as its kind does: it is not away"
    )
    reason: str | None = Field(default=None, description="why it is unavailable")
    asleep_until: datetime | None = Field(
        default=None, description="unavailable by plan until then; null: not by plan"
    )
    since: datetime = Field(description="when it was first seen so")
    seen_at: datetime = Field(description="when it was last seen so")
    valid_until: datetime = Field(description="after that nobody knows, unless told anew")

    @property
    def key(self) -> str:
        return self.source


EVENTS: tuple[type[Event], ...] = (
    BatchRaw,
    BatchClean,
    BatchHeld,
    ModelPromoted,
    ModelServed,
    SourceSeen,
)
