"""When the registry is looked at: at start, at every nudge, and on a slow timer."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import Protocol

from registry_watcher.metrics import RECONCILE_DURATION, RECONCILED_AT
from relevo_runtime.retries import patiently

AGAIN_SECONDS = 5.0
"""After a round that a model's own trouble has left unfinished."""


class Reconcile(Protocol):
    """Compares and promotes; answers whether all agrees then. Raises OutageError."""

    def __call__(self, *, anew: bool) -> Awaitable[bool]: ...


async def watch(reconcile: Reconcile, nudged: asyncio.Event, *, interval: float) -> None:
    """Reconcile for ever; a nudge that comes meanwhile is not lost.

    interval: seconds between two looks at everything, however often somebody nudges.
    """
    clock = asyncio.get_running_loop().time
    due = clock()
    while True:
        nudged.clear()
        anew = clock() >= due
        with RECONCILE_DURATION.time():
            agrees = await patiently(
                partial(reconcile, anew=anew),
                what="MLflow, the object store, the catalog or Kafka",
            )
        if anew:
            due = clock() + (interval if agrees else min(interval, AGAIN_SECONDS))
            if agrees:
                RECONCILED_AT.set_to_current_time()
        with suppress(TimeoutError):
            await asyncio.wait_for(nudged.wait(), max(0.0, due - clock()))
