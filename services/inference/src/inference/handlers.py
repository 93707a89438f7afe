"""What inference does when it hears of a promotion."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from inference.duty.slot import Promotion
from inference.duty.slots import Slots
from relevo_contracts import Envelope, ModelPromoted, OutageError

PromotionHandler = Callable[[ModelPromoted, Envelope, int], Awaitable[None]]
ReadAgain = Callable[[PromotionHandler], Awaitable[None]]
"""Gives the handler all promotions that stand in Kafka; raises OutageError."""

READ_SECONDS = 20.0


def build_handler(slots: Slots) -> PromotionHandler:
    """A handler that tells each promotion to its model's slot; it never waits.

    A name that is new may have a slot from now on.
    """

    async def hear(event: ModelPromoted, envelope: Envelope, _: int) -> None:
        slot = slots.of_promoted(event.model)
        if slot is not None:
            slot.accept(Promotion(event, envelope, time.monotonic()))

    return hear


def hear_what_was_missed(
    slots: Slots, read_again: ReadAgain
) -> Callable[[], AsyncIterator[str]]:
    """Tells the slots what they have not heard: a topic can be made anew under a reader."""

    async def mend() -> AsyncIterator[str]:
        missed: list[str] = []

        async def hear(event: ModelPromoted, envelope: Envelope, _: int) -> None:
            slot = slots.of_promoted(event.model)
            if slot is None:
                return
            if slot.newest is None or event.order > slot.newest.event.order:
                slot.accept(Promotion(event, envelope, time.monotonic()))
                missed.append(f"{event.model} version {event.model_version}")

        try:
            async with asyncio.timeout(READ_SECONDS):
                await read_again(hear)
        except TimeoutError as error:
            raise OutageError(f"Kafka took over {READ_SECONDS:g} s") from error
        for each in missed:
            yield each

    return mend
