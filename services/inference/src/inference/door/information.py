"""What a pod tells about itself and the models that it serves."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from inference.duty.slot import Refusal, Serving, Slot
from inference.duty.slots import MOST_TOLD, Slots
from inference.duty.sources import Status
from relevo_contracts import ClassWords, Feature, Task
from relevo_contracts.manifest import Interval, Lineage


class Told(BaseModel):
    """A model's name and version may be fields."""

    model_config = ConfigDict(protected_namespaces=())


class Health(Told):
    """The process lives."""

    status: Literal["ok"] = "ok"
    model_loaded: bool
    model_version: str | None
    source_status: Status = Field(description="of the data source, as the ingestor sees it")
    version: str = Field(description="of relevo")


class Ready(Told):
    """A proven version of the model that answers when none is named."""

    status: Literal["ready"] = "ready"


class Refused(Told):
    """A promotion that was not followed."""

    model_version: str
    reason: str
    time: datetime

    @classmethod
    def of(cls, refusal: Refusal | None) -> Self | None:
        """The refusal without the promotion's particulars."""
        if refusal is None:
            return None
        version = refusal.promotion.event.model_version
        return cls(model_version=version, reason=refusal.reason, time=refusal.time)


class Previous(Told):
    """The version that answered before; it is kept, so that going back takes no time."""

    model_version: str
    bundle_sha256: str
    serving_since: datetime
    serving_until: datetime


class ModelInfo(Told):
    """The version that answers: what it takes, how good it is, whence it came."""

    model_name: str
    model_version: str
    alias: str = Field(description="of the registry, under which it was promoted")
    pod: str
    serving_since: datetime
    previous: Previous | None = Field(description="what this pod served before it")
    refused: Refused | None = Field(description="a newer promotion that was not followed")
    promotion_id: str = Field(description="the id of the event that brought it")
    bundle_sha256: str
    dataset: str
    target: str
    task: Task
    classes: tuple[ClassWords, ...] = Field(description="none of a regression")
    labels: tuple[str, ...] = Field(description="the classes in words")
    algorithm: str
    threshold: float | None = Field(
        description="binary: probability from which the answer is class 1"
    )
    metrics: dict[str, Interval] = Field(description="with 95 % intervals")
    lineage: Lineage
    signature_sha256: str
    features: tuple[Feature, ...]
    examples: dict[str, dict[str, Any]] = Field(
        description="rows to try, by what each shows"
    )


class ModelState(Told):
    """One of the models that this pod answers for."""

    model_name: str
    default: bool = Field(description="it answers when no model is named")
    model_version: str | None = Field(description="null while nothing answers")
    serving_since: datetime | None
    obstacle: str | None = Field(description="why nothing answers yet")
    refused: Refused | None = Field(description="a newer promotion that was not followed")


class LeftOut(Told):
    """A model that is promoted, and that this pod does not answer for."""

    model_name: str
    reason: str


class Models(Told):
    """The models that this pod answers for, the default first."""

    models: list[ModelState]
    left_out: list[LeftOut] = Field(description=f"the first {MOST_TOLD} of them")


def model_info(slot: Slot, serving: Serving) -> ModelInfo:
    """All about the version that answers."""
    manifest = serving.model.manifest
    return ModelInfo(
        model_name=serving.model.name,
        model_version=serving.model.version,
        alias=serving.promotion.event.alias,
        pod=slot.pod,
        serving_since=serving.since,
        previous=_previous(slot.previous, until=serving.since),
        refused=Refused.of(slot.refusal),
        promotion_id=serving.promotion.envelope.id,
        bundle_sha256=serving.promotion.event.bundle.sha256,
        dataset=manifest.dataset,
        target=manifest.target,
        task=manifest.task,
        classes=manifest.classes,
        labels=manifest.labels,
        algorithm=manifest.algorithm,
        threshold=manifest.threshold,
        metrics=manifest.metrics,
        lineage=manifest.lineage,
        signature_sha256=manifest.signature_sha256,
        features=manifest.features,
        examples=manifest.examples
        or {"an example": manifest.example or manifest.golden[0].row},
    )


def all_models(slots: Slots) -> Models:
    """What each slot serves."""
    return Models(
        models=[
            ModelState(
                model_name=slot.model,
                default=slot is slots.default,
                model_version=slot.serving.model.version if slot.serving else None,
                serving_since=slot.serving.since if slot.serving else None,
                obstacle=None if slot.serving else slot.obstacle,
                refused=Refused.of(slot.refusal),
            )
            for slot in slots
        ],
        left_out=[
            LeftOut(model_name=name, reason=reason)
            for name, reason in slots.left_out.items()
        ],
    )


def _previous(previous: Serving | None, *, until: datetime) -> Previous | None:
    if previous is None:
        return None
    return Previous(
        model_version=previous.model.version,
        bundle_sha256=previous.promotion.event.bundle.sha256,
        serving_since=previous.since,
        serving_until=until,
    )
