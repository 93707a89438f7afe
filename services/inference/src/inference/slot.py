"""The slot: which model answers now, which promotion is the newest, and what was refused.

One reference is replaced as a whole. Who answers a request takes the reference once and
keeps it, so the model before leaves memory when its last request has.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from inference.predicting import ServingModel
from relevo_contracts import Envelope, ModelPromoted, ModelServed


@dataclass(frozen=True)
class Promotion:
    """A promotion as it was heard; `heard` in seconds of the monotonic clock."""

    event: ModelPromoted
    envelope: Envelope
    offset: int
    heard: float


@dataclass(frozen=True)
class Serving:
    """The model that answers, by which promotion, since when."""

    model: ServingModel
    promotion: Promotion
    since: datetime


@dataclass(frozen=True)
class Refusal:
    """A promotion that was not followed, and why."""

    promotion: Promotion
    reason: str
    time: datetime


class Slot:
    """The place of the one model that answers; for use on one event loop."""

    def __init__(self, *, pod: str) -> None:
        self.pod = pod
        self.serving: Serving | None = None
        self.refusal: Refusal | None = None
        self._newest = -1

    def accept(self, offset: int) -> bool:
        """True for a promotion that is newer than all before; the offset is their order.

        It is the newest from now on: the same one is accepted once.
        """
        if offset <= self._newest:
            return False
        self._newest = offset
        return True

    def serve(
        self, model: ServingModel, promotion: Promotion, *, now: float
    ) -> ModelServed:
        """Let the model answer from now on; the fact to announce."""
        self.serving = Serving(model, promotion, datetime.now(UTC))
        self.refusal = None
        return self._fact(promotion, now=now, reason=None)

    def refuse(self, promotion: Promotion, reason: str, *, now: float) -> ModelServed:
        """Keep the model that answers; the fact to announce."""
        self.refusal = Refusal(promotion, reason, datetime.now(UTC))
        return self._fact(promotion, now=now, reason=reason)

    def _fact(self, promotion: Promotion, *, now: float, reason: str | None) -> ModelServed:
        event = promotion.event
        return ModelServed(
            model=event.model,
            model_version=event.model_version,
            serving_version=self.serving.model.version if self.serving else None,
            pod=self.pod,
            outcome="refused" if reason else "served",
            reason=reason,
            promotion_id=promotion.envelope.id,
            bundle_sha256=event.bundle.sha256,
            swap_seconds=now - promotion.heard,
            released_at=event.released_at,
            served_at=datetime.now(UTC),
        )
