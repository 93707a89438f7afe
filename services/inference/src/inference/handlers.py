"""What inference does when it hears of a promotion."""

import time
from collections.abc import Awaitable, Callable

from inference.slot import Promotion, Slot
from inference.swapping import Swapper
from relevo_contracts import Envelope, ModelPromoted

SERVICE = "inference"

PromotionHandler = Callable[[ModelPromoted, Envelope, int], Awaitable[None]]


def build_handler(slot: Slot, swapper: Swapper, *, model: str) -> PromotionHandler:
    """A handler that wants each newer promotion of the model; it never waits."""

    async def hear(event: ModelPromoted, envelope: Envelope, offset: int) -> None:
        if event.model == model and slot.accept(offset):
            swapper.want(Promotion(event, envelope, offset, time.monotonic()))

    return hear
