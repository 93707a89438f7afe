"""When the registry is looked at: at start, at every nudge, and on a slow timer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from registry_watcher.metrics import RECONCILE_DURATION, RECONCILED_AT
from relevo_runtime.retries import patiently


async def watch(
    reconcile: Callable[[], Awaitable[None]], nudged: asyncio.Event, *, interval: float
) -> None:
    """Reconcile for ever; a nudge that comes meanwhile is not lost.

    interval: seconds between two looks when nobody nudges.
    """
    while True:
        nudged.clear()
        with RECONCILE_DURATION.time():
            await patiently(
                reconcile, what="MLflow, the object store, the catalog or Kafka"
            )
        RECONCILED_AT.set_to_current_time()
        with suppress(TimeoutError):
            await asyncio.wait_for(nudged.wait(), interval)
