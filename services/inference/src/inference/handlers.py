"""What inference does when it hears of a promotion."""

import time
from collections.abc import Awaitable, Callable, Mapping

from inference.slot import Promotion
from inference.swapping import Swapper
from relevo_contracts import Envelope, ModelPromoted

SERVICE = "inference"

PromotionHandler = Callable[[ModelPromoted, Envelope, int], Awaitable[None]]


def build_handler(swappers: Mapping[str, Swapper]) -> PromotionHandler:
    """A handler that tells each promotion to its model's swapper; it never waits."""

    async def hear(event: ModelPromoted, envelope: Envelope, offset: int) -> None:
        if event.model in swappers:
            promotion = Promotion(event, envelope, offset, time.monotonic())
            swappers[event.model].hear(promotion)

    return hear
