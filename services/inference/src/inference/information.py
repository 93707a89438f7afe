"""What a pod tells about itself and the model that it serves."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from inference.slot import Refusal, Serving, Slot
from relevo_contracts import Feature
from relevo_contracts.manifest import Interval, Lineage


class Told(BaseModel):
    """A model's name and version may be fields."""

    model_config = ConfigDict(protected_namespaces=())


class Health(Told):
    """The process lives."""

    status: Literal["ok"] = "ok"
    model_loaded: bool
    model_version: str | None
    version: str = Field(description="of relevo")


class Ready(Told):
    """A proven model answers."""

    status: Literal["ready"] = "ready"


class Refused(Told):
    """The newest promotion was not followed."""

    model_version: str
    reason: str
    time: datetime

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """The refusal without the promotion's particulars."""
        version = refusal.promotion.event.model_version
        return cls(model_version=version, reason=refusal.reason, time=refusal.time)


class ModelInfo(Told):
    """The model that answers: what it takes, how good it is, whence it came."""

    model_name: str
    model_version: str
    pod: str
    serving_since: datetime
    promotion_id: str = Field(description="the id of the event that brought it")
    bundle_sha256: str
    dataset: str
    target: str
    labels: tuple[str, str] = Field(description="class 0 and class 1 in words")
    algorithm: str
    threshold: float = Field(description="probability from which the answer is 1")
    metrics: dict[str, Interval] = Field(description="with 95 % intervals")
    lineage: Lineage
    signature_sha256: str
    features: tuple[Feature, ...]
    refused: Refused | None = Field(description="a newer promotion that was not followed")


def model_info(slot: Slot, serving: Serving) -> ModelInfo:
    """All about the model that answers."""
    manifest = serving.model.manifest
    event = serving.promotion.event
    return ModelInfo(
        model_name=serving.model.name,
        model_version=serving.model.version,
        pod=slot.pod,
        serving_since=serving.since,
        promotion_id=serving.promotion.envelope.id,
        bundle_sha256=event.bundle.sha256,
        dataset=manifest.dataset,
        target=manifest.target,
        labels=manifest.labels,
        algorithm=manifest.algorithm,
        threshold=manifest.threshold,
        metrics=manifest.metrics,
        lineage=manifest.lineage,
        signature_sha256=manifest.signature_sha256,
        features=manifest.features,
        refused=Refused.of(slot.refusal) if slot.refusal else None,
    )
