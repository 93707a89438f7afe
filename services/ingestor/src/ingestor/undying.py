"""One dataset's fault ends nobody else's work: its own is begun anew after a while."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ingestor.metrics import FAULTS

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0

Sleep = Callable[[float], Awaitable[object]]
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def undying(
    work: Callable[[], Awaitable[None]], dataset: str, sleep: Sleep = asyncio.sleep
) -> None:
    """Do work that should never end; whatever it raises is told, and it is begun anew."""
    delay = FIRST_DELAY
    while True:
        try:
            await work()
        except Exception:  # whatever it is: the other datasets go on
            FAULTS.labels(dataset).inc()
            log.exception("taking broke off", dataset=dataset, again_in_seconds=delay)
        await sleep(delay)
        delay = min(2 * delay, LONGEST_DELAY)
