"""Looks again and again, whatever happens to the broker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import structlog

from lag_watcher.lag import Look
from lag_watcher.looking import Broker
from relevo_contracts import OutageError
from relevo_runtime.http.readiness import Readiness

LOOK_SECONDS = 15.0
"""A look that takes longer has lost its broker."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Display(Protocol):
    """Where looks are shown."""

    def show(self, look: Look, *, seconds: float) -> None:
        """What was seen, and how long the look took."""

    def show_outage(self) -> None:
        """Nothing can be seen now: what is shown is old."""


async def watch(
    open_broker: Callable[[], AbstractAsyncContextManager[Broker]],
    look: Callable[[Broker], Awaitable[Look]],
    *,
    display: Display,
    readiness: Readiness,
    interval: float,
) -> None:
    """Show a look every `interval` seconds, for ever.

    After an outage, or a bug, everything is opened anew: no state can be a wrong one.
    """
    told: bool | None = None
    while True:
        try:
            async with open_broker() as broker:
                while True:
                    started = time.monotonic()
                    async with asyncio.timeout(LOOK_SECONDS):
                        seen = await look(broker)
                    display.show(seen, seconds=time.monotonic() - started)
                    readiness.is_ready()
                    if told is not True:
                        log.info("watching", groups=[group.name for group in seen.groups])
                        told = True
                    await asyncio.sleep(interval)
        except Exception as error:
            if not isinstance(error, OutageError | TimeoutError):
                log.exception("a look failed")
            elif told is not False:
                log.warning("Kafka cannot be watched", reason=str(error) or repr(error))
            told = False
            readiness.wait_for(f"Kafka cannot be watched: {error or repr(error)}")
            display.show_outage()
        await asyncio.sleep(interval)
