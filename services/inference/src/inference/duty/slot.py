"""The slot of one model: what answers now, what did before, and what was refused.

One reference is replaced as a whole. Who answers a request takes the reference once and
keeps it. The model before stays at hand, so that going back needs no fetch; the one before
that leaves memory when its last request has.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from inference.duty.predicting import ServingModel
from relevo_contracts import Envelope, ModelPromoted, ModelServed


@dataclass(frozen=True)
class Promotion:
    """A promotion as it was heard; `heard` in seconds of the monotonic clock."""

    event: ModelPromoted
    envelope: Envelope
    heard: float

    @property
    def promise(self) -> tuple[str, ...]:
        """What its model must be: promotions of one promise bring the same model."""
        event = self.event
        sha256 = (event.bundle.sha256, event.signature_sha256)
        return (event.model, event.model_version, event.dataset, *sha256)


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
    """The place of the one version that answers for a model; for use on one event loop.

    newest: the promotion that should serve; news: set when it waits to be brought.
    """

    def __init__(self, model: str, *, pod: str) -> None:
        self.model = model
        self.pod = pod
        self.serving: Serving | None = None
        self.previous: Serving | None = None
        self.refusal: Refusal | None = None
        self.newest: Promotion | None = None
        self.news = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    @property
    def is_refused(self) -> bool:
        """True when the newest promotion was refused."""
        return self.refusal is not None and self.refusal.promotion is self.newest

    @property
    def obstacle(self) -> str:
        """Why nothing answers yet, in words."""
        if self.newest is None:
            return f"no promotion of {self.model} yet"
        version = f"version {self.newest.event.model_version} of {self.model}"
        if self.refusal is not None and self.is_refused:
            return f"{version} was refused: {self.refusal.reason}"
        return f"{version} is not here yet"

    def accept(self, promotion: Promotion) -> bool:
        """True for a promotion that is newer than all before, wherever its record lies.

        It is to be brought next. Heard again, it is accepted only if it was refused.
        """
        if self.newest is not None:
            order, newest = promotion.event.order, self.newest.event.order
            if order < newest or (order == newest and not self.is_refused):
                return False
        self.newest = promotion
        self._settled.clear()
        self.news.set()
        return True

    async def until_settled(self) -> None:
        """Wait until the newest promotion serves or was refused."""
        await self._settled.wait()

    def at_hand(self, promotion: Promotion) -> ServingModel | None:
        """The promoted model if it is in memory still: proven, by the same SHA-256."""
        for kept in (self.serving, self.previous):
            if kept is not None and kept.promotion.promise == promotion.promise:
                return kept.model
        return None

    @property
    def versions(self) -> set[str]:
        """The versions in memory: the one that answers, and the one before."""
        return {kept.model.version for kept in (self.serving, self.previous) if kept}

    def serve(
        self, model: ServingModel, promotion: Promotion, *, now: float
    ) -> ModelServed:
        """Let the model answer from now on; the fact to announce."""
        if self.serving is not None and self.serving.model is model:
            self.serving = replace(self.serving, promotion=promotion)
        else:
            since = datetime.now(UTC)
            self.previous, self.serving = self.serving, Serving(model, promotion, since)
        self.refusal = None
        return self._settle(promotion, now=now, reason=None)

    def refuse(self, promotion: Promotion, reason: str, *, now: float) -> ModelServed:
        """Keep the model that answers; the fact to announce."""
        self.refusal = Refusal(promotion, reason, datetime.now(UTC))
        return self._settle(promotion, now=now, reason=reason)

    def _settle(
        self, promotion: Promotion, *, now: float, reason: str | None
    ) -> ModelServed:
        event = promotion.event
        if promotion is self.newest:
            self._settled.set()
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
