"""Twins for tests: a source, a reader in this process, lives of the ingestor that end."""

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from ingestor.reading.accepting import Limits, RawTable, Written, accept, write_rows
from ingestor.reading.forms import Form
from ingestor.sources.port import Due, Parcel, SourceAsleepError
from ingestor.sources.taken import Taken
from ingestor.taking import Taker
from relevo_contracts import OutageError
from relevo_contracts.results import Stage, StageResult
from relevo_datasets import Dataset
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class NearReader:
    """Reader in this process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    async def accept(self, content: bytes, form: Form, dataset: Dataset) -> RawTable:
        return await asyncio.to_thread(accept, content, form, dataset, self.limits)

    async def write(self, content: bytes, form: Form, dataset: Dataset) -> Written:
        return write_rows(content, form, dataset.raw_columns)


class MemorySource:
    """A source that hands out the bytes it was given, by number."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = list(contents)
        self.handed: list[str] = []
        self.outages = 0
        self.seconds = 20.0
        self.asleep_until: datetime | None = None

    async def next(self, taken: Taken) -> Parcel | Due:
        if self.asleep_until:
            raise SourceAsleepError(self.asleep_until)
        if self.outages:
            self.outages -= 1
            raise OutageError("away, says the test")
        for number, content in enumerate(self.contents, start=1):
            sha256 = hashlib.sha256(content).hexdigest()
            if taken.is_new(str(number), sha256):
                self.handed.append(str(number))
                return self.parcel(number, content, sha256)
        return Due(self.seconds)

    def parcel(self, number: int, content: bytes, sha256: str) -> Parcel:
        return Parcel(
            identity=str(number),
            sha256=sha256,
            content=content,
            form="parquet",
            origin=f"http://source/batches/{number}",
            released_at=EPOCH,
            number=number,
        )


class Nameless(MemorySource):
    """One whose parcels have no number: they are called by their content."""

    def parcel(self, number: int, content: bytes, sha256: str) -> Parcel:
        return replace(super().parcel(number, content, sha256), number=None)


class Death(BaseException):
    """kill -9: nothing of ours catches it."""


class Mortal:
    """A port that dies before or after the named call has had its effect."""

    def __init__(self, port: object, calls: set[str], step: str, moment: str) -> None:
        self._port, self._calls = port, calls
        self._step, self._moment = step, moment

    def __getattr__(self, name: str) -> object:
        self._calls.add(name)
        method = getattr(self._port, name)
        if name != self._step:
            return method

        async def call(*arguments: object, **options: object) -> object:
            if self._moment == "before":
                raise Death
            await method(*arguments, **options)
            raise Death

        return call


class World:
    """What outlives a process: source, store, catalog and broker."""

    def __init__(
        self,
        dataset: Dataset,
        *contents: bytes,
        source: type[MemorySource] = MemorySource,
    ) -> None:
        self.dataset = dataset
        self.source = source(*contents)
        self.reader = NearReader(Limits(bytes=1_000_000, rows=150))
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = RecordingPublisher()
        self.calls: set[str] = set()

    def taker(self, *, dies_at: str = "", moment: str = "") -> Taker:
        def mortal(port: object) -> Any:
            return cast("Any", Mortal(port, self.calls, dies_at, moment))

        return Taker(
            mortal(self.source),
            mortal(self.reader),
            mortal(self.store),
            mortal(self.catalog),
            mortal(self.publisher),
            dataset=self.dataset,
        )

    async def live(self, *, dies_at: str = "", moment: str = "") -> list[float]:
        """One life of the process: until it has nothing to do, or dies."""
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if seconds > 0:
                raise Death

        with suppress(Death):
            await self.taker(dies_at=dies_at, moment=moment).take_for_ever(sleep)
        return waits

    @property
    def event_ids(self) -> list[str]:
        return [envelope.id for _, envelope in self.publisher.published]

    async def rows(self) -> list[StageResult]:
        """What the catalog has."""
        return await self.catalog.results(self.dataset.name, Stage.RAW)
