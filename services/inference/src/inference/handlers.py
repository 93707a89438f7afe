"""What inference does when it hears of a promotion."""

import time
from collections.abc import Awaitable, Callable

from inference.duty.slot import Promotion
from inference.duty.slots import Slots
from relevo_contracts import Envelope, ModelPromoted

PromotionHandler = Callable[[ModelPromoted, Envelope, int], Awaitable[None]]


def build_handler(slots: Slots) -> PromotionHandler:
    """A handler that tells each promotion to its model's slot; it never waits.

    A name that is new may have a slot from now on.
    """

    async def hear(event: ModelPromoted, envelope: Envelope, offset: int) -> None:
        slot = slots.of_promoted(event.model)
        if slot is not None:
            slot.accept(Promotion(event, envelope, offset, time.monotonic()))

    return hear
