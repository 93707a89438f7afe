"""The drift of batches against versions: computed once, a bounded number is remembered."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from console.reading.drift import BatchDrift
from console.reading.processes import reading_tables
from relevo_contracts import ObjectRef, OutageError
from relevo_storage import ObjectStore, get_verified

MOST_KNOWN = 200
"""Comparisons, of some 10 kB each, that are remembered."""

OpenStore = Callable[[], AbstractAsyncContextManager[ObjectStore]]


def bundle_at(model: str, sha256: str) -> ObjectRef:
    """Where the registry-watcher has put the bundle of a version that was promoted."""
    return ObjectRef(key=f"bundles/{model}/{sha256}.zip", sha256=sha256, size=0)


class Drifts:
    """One comparison at a time, in a program of its own: the others wait for it."""

    def __init__(self, open_store: OpenStore) -> None:
        self._open_store = open_store
        self._known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(
        self, bundle: ObjectRef, tables: Sequence[ObjectRef]
    ) -> dict[str, BatchDrift]:
        """By the SHA-256 of each clean table.

        Raises OutageError while the store is away or the program hangs, PoisonError for an
        object that is gone or is not what it should be.
        """
        async with self._turn:
            found = {table.sha256: self._recall(bundle, table) for table in tables}
            new = [table for table in tables if found[table.sha256] is None]
            if new:
                found |= await self._learn(bundle, new)
        return {
            sha256: BatchDrift.model_validate_json(text)
            for sha256, text in found.items()
            if text is not None
        }

    def _recall(self, bundle: ObjectRef, table: ObjectRef) -> bytes | None:
        key = (bundle.sha256, table.sha256)
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    async def _learn(
        self, bundle: ObjectRef, tables: Sequence[ObjectRef]
    ) -> dict[str, bytes]:
        found = {}
        try:
            async with self._open_store() as store, reading_tables("compare") as process:
                await process.put(await get_verified(store, bundle))
                for table in tables:
                    await process.put(await get_verified(store, table))
                    found[table.sha256] = await process.line()
        except TimeoutError as error:
            raise OutageError("the tables are not read in time: load it again") from error
        for sha256, text in found.items():
            self._known[bundle.sha256, sha256] = text
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return found
