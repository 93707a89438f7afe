"""The newest promotion is brought into its slot, beside the requests and never before them.

Fetch, verify, warm, replace, forget. Anything wrong: the old model stays, and why is
announced. While the store is away the fetch is repeated, until a newer promotion comes, and
so it is while the store has no such object: it may be put back. A model that is in memory
still is neither fetched nor loaded again.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from inference import metrics
from inference.duty.loading import load
from inference.duty.slot import Promotion, Slot
from inference.duty.slots import Slots
from relevo_contracts import Envelope, ModelServed, OutageError, PoisonError
from relevo_runtime.retries import patiently
from relevo_storage import ObjectStore

Announce = Callable[[ModelServed, Envelope], None]
"""Tell what became of a promotion, whose envelope is the second; returns at once."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def swap_all(slots: Slots, store: ObjectStore, announce: Announce) -> None:
    """Swap for ever in each slot, in those too that come later; none waits for another."""
    opened: asyncio.Queue[Slot] = asyncio.Queue()
    slots.watch(opened.put_nowait)
    async with asyncio.TaskGroup() as swappers:
        while True:
            slot = await opened.get()
            swappers.create_task(Swapper(slot, store, announce).run())


class Swapper:
    """Brings what is promoted into the slot of one model."""

    def __init__(self, slot: Slot, store: ObjectStore, announce: Announce) -> None:
        self._slot = slot
        self._store = store
        self._announce = announce

    async def run(self) -> None:
        """Swap for ever; no promotion, however wrong, ends it."""
        while True:
            await self._slot.news.wait()
            self._slot.news.clear()
            if self._slot.newest is None:
                continue
            try:
                await self._bring(self._slot.newest)
            except Exception:
                log.exception("a bug while swapping", model=self._slot.model)

    async def _bring(self, promotion: Promotion) -> None:
        event = promotion.event
        which = {"model": event.model, "model_version": event.model_version}
        try:
            model = self._slot.at_hand(promotion)
            if model is None:
                content = await self._fetch_unless_superseded(promotion)
                if content is None:
                    log.info("superseded while it was fetched", **which)
                    return
                model = await asyncio.to_thread(load, content, event)
        except PoisonError as error:
            self._refuse(promotion, str(error))
        except Exception as error:
            log.exception("a bug while loading", **which)
            self._refuse(promotion, f"a bug: {error!r}")
        else:
            kept = self._slot.versions
            fact = self._slot.serve(model, promotion, now=time.monotonic())
            measure(fact)
            forget(fact.model, kept - self._slot.versions)
            self._announce(fact, promotion.envelope)
            log.info("model served", **told(fact))

    def _refuse(self, promotion: Promotion, reason: str) -> None:
        fact = self._slot.refuse(promotion, reason, now=time.monotonic())
        metrics.SWAPS.labels(fact.model, "refused").inc()
        self._announce(fact, promotion.envelope)
        log.error("model refused", reason=reason, **told(fact))

    async def _fetch_unless_superseded(self, promotion: Promotion) -> bytes | None:
        """The bundle's bytes, however long that takes; None when news came first."""
        fetching = asyncio.create_task(
            patiently(lambda: self._get(promotion), what="the object store")
        )
        news = asyncio.create_task(self._slot.news.wait())
        try:
            await asyncio.wait({fetching, news}, return_when=asyncio.FIRST_COMPLETED)
            return fetching.result() if fetching.done() else None
        finally:
            for task in (fetching, news):
                task.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _get(self, promotion: Promotion) -> bytes:
        key = promotion.event.bundle.key
        try:
            return await self._store.get(key)
        except FileNotFoundError as error:
            reason = f"no object {key!r} in the store"
            if not self._slot.is_refused:
                self._refuse(promotion, reason)  # told once, and asked for on and on
            raise OutageError(reason) from error


def told(fact: ModelServed) -> dict[str, object]:
    """What a log line tells of the fact."""
    return {
        "model": fact.model,
        "model_version": fact.model_version,
        "serving_version": fact.serving_version,
        "seconds": round(fact.swap_seconds, 3),
    }


def measure(fact: ModelServed) -> None:
    """Show in the metrics which version answers since when, and how long the swap took."""
    metrics.SWAPS.labels(fact.model, "served").inc()
    metrics.SWAP_DURATION.labels(fact.model).observe(fact.swap_seconds)
    # else the first rows that are refused would not be seen to grow from nothing
    metrics.REFUSED_ROWS.labels(fact.model)
    metrics.SERVING.remove_by_labels({"model": fact.model})
    metrics.SERVING.labels(fact.model, fact.model_version, fact.pod).set(1)
    metrics.SERVING_SINCE.labels(fact.model).set(fact.served_at.timestamp())


def forget(model: str, versions: set[str]) -> None:
    """Drop the series of versions that left memory: a pod would gather them for ever."""
    for version in versions:
        metrics.PREDICTIONS.remove_by_labels({"model": model, "model_version": version})
