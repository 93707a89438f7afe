"""What every source does: one suite for all kinds, each with a source of the test's own."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest
from flask import Flask, Response
from pyarrow import csv, parquet

from data_api.sources import SHIPPED
from ingestor.fakes import Death, Mortal, NearReader
from ingestor.reading.accepting import Limits
from ingestor.sources.cursor import CursorSource
from ingestor.sources.door import open_door
from ingestor.sources.files import Entry, FilesSource
from ingestor.sources.folder import FolderPlace
from ingestor.sources.group import GroupSource
from ingestor.sources.numbered import NumberedSource
from ingestor.sources.port import Source
from ingestor.sources.rows_api import RowsApi
from ingestor.sources.stream import StreamRecord, StreamSource
from ingestor.sources.taken import Taken
from ingestor.taking import Taker
from relevo_contracts import OutageError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import Dataset, dataset_named
from relevo_datasets import Source as Declared
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

Serve = Callable[..., AbstractContextManager[str]]
LIMITS = Limits(bytes=100_000, rows=200)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 10
PIMA = dataset_named("pima")


class Stand(ABC):
    """A source of the test's own, and how it is opened by a new life of the ingestor."""

    @abstractmethod
    def put(self, table: pa.Table) -> None:
        """The source has one more batch."""

    @abstractmethod
    def put_garbage(self) -> None:
        """The source has something that is no batch."""

    @abstractmethod
    def open(self, reader: NearReader) -> Any:
        """The source, as a life begins."""


class Shop(Stand):
    """Over HTTP, by an app that subclasses give routes; `away`: nothing but 503."""

    def __init__(self, serve: Serve, stack: ExitStack) -> None:
        self.app, self.away = Flask("stand"), False
        self.app.before_request(lambda: Response("", 503) if self.away else None)
        self.contents: list[bytes] = []
        self.address = stack.enter_context(serve(self.app))

    def put_garbage(self) -> None:
        self.contents.append(b"garbage")


class Numbered(Shop):
    def __init__(self, serve: Serve, stack: ExitStack) -> None:
        super().__init__(serve, stack)
        route = "/datasets/pima/batches"
        self.app.add_url_rule(route, "listing", self.listing)
        self.app.add_url_rule(f"{route}/<int:n>", "batch", lambda n: self.contents[n - 1])

    def listing(self) -> dict[str, Any]:
        offers = [
            {"number": n, "sha256": sha256(c).hexdigest(), "released_at": NOW.isoformat()}
            for n, c in enumerate(self.contents, start=1)
        ]
        return {"now": NOW.isoformat(), "next_due": None, "batches": offers}

    def put(self, table: pa.Table) -> None:
        self.contents.append(as_parquet(table))

    @asynccontextmanager
    async def open(self, reader: NearReader) -> AsyncIterator[Source]:
        async with open_door(self.address, "pima") as door:
            yield NumberedSource(door, "pima", max_bytes=LIMITS.bytes)


class Cursor(Shop):
    """Each call moves on; at the end it begins anew."""

    path = "get_data"
    kind: type[CursorSource] | type[GroupSource] = CursorSource

    def __init__(self, serve: Serve, stack: ExitStack) -> None:
        super().__init__(serve, stack)
        self.app.add_url_rule(f"/{self.path}", "next", self.next)
        self.calls = 0

    def next(self) -> Response:
        self.calls += 1
        if not self.contents:
            return Response("[]")
        return Response(self.contents[(self.calls - 1) % len(self.contents)])

    def put(self, table: pa.Table) -> None:
        self.contents.append(json.dumps(table.to_pylist()).encode())

    def put_garbage(self) -> None:
        self.contents.append(b'[{"colour": "red"}]')

    @asynccontextmanager
    async def open(self, reader: NearReader) -> AsyncIterator[Source]:
        async with open_door(f"{self.address}/{self.path}", "pima") as door:
            most = LIMITS.bytes
            yield self.kind(RowsApi(door, reader, PIMA, max_bytes=most, every=0.001))


class Group(Cursor):
    path, kind = "data", GroupSource

    def next(self) -> Response:
        self.calls += 1
        if not self.contents:
            return Response('{"detail": "all was handed out"}', 400)
        number = (self.calls - 1) % len(self.contents)
        rows = json.loads(self.contents[number])
        facts = {"group_number": 3, "batch_number": number, "data": rows}
        return Response(json.dumps(facts))

    def put(self, table: pa.Table) -> None:
        rows = [list(row.values()) for row in table.to_pylist()]
        self.contents.append(json.dumps(rows).encode())

    def put_garbage(self) -> None:
        self.put(pa.table({name: ["1"] * (LIMITS.rows + 1) for name in PIMA.raw_columns}))


class Folder(Stand):
    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def put(self, table: pa.Table) -> None:
        """In each form in turn."""
        self.count += 1
        name = self.folder / f"{self.count:03}"
        match self.count % 3:
            case 0:
                csv.write_csv(table, f"{name}.csv")
            case 1:
                parquet.write_table(table, f"{name}.parquet")
            case _:
                lines = map(json.dumps, table.to_pylist())
                name.with_suffix(".jsonl").write_text("\n".join(lines))

    def put_garbage(self) -> None:
        self.count += 1
        (self.folder / f"{self.count:03}.parquet").write_bytes(b"garbage")

    @asynccontextmanager
    async def open(self, reader: NearReader) -> AsyncIterator[Source]:
        place = FolderPlace(self.folder)
        yield FilesSource(place, "pima", max_bytes=LIMITS.bytes, every=0.001)


class Bucket(Stand):
    """The place is a twin of a bucket; the real one is in test_bucket.py."""

    is_whole_at_once = True

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    async def entries(self) -> list[Entry]:
        found = self.objects.items()
        return [Entry(name, str(hash(c)), len(c), NOW) for name, c in found]

    async def read(self, entry: Entry) -> bytes:
        return self.objects[entry.name]

    def address(self, entry: Entry) -> str:
        return f"s3://rows/{entry.name}"

    def put(self, table: pa.Table) -> None:
        self.objects[f"{len(self.objects):03}.parquet"] = as_parquet(table)

    def put_garbage(self) -> None:
        self.objects[f"{len(self.objects):03}.csv"] = b"\xff\xfe garbage"

    @asynccontextmanager
    async def open(self, reader: NearReader) -> AsyncIterator[Source]:
        yield FilesSource(self, "pima", max_bytes=LIMITS.bytes, every=0.001)


class Topic(Stand):
    """The stream is a twin of a topic; the real one is in test_topic.py."""

    address = "kafka://here/rows"

    def __init__(self) -> None:
        self.log: dict[int, list[bytes | None]] = {0: [], 1: []}

    async def bounds(self) -> Mapping[int, tuple[int, int]]:
        return {number: (0, len(values)) for number, values in self.log.items()}

    async def records(
        self, begin: Mapping[int, int], end: Mapping[int, int], *, most: int, max_bytes: int
    ) -> Mapping[int, list[StreamRecord]]:
        return {
            number: [
                StreamRecord(number, at, NOW + timedelta(seconds=at), values[at])
                for at in range(begin[number], min(end[number], begin[number] + most))
            ]
            for number, values in self.log.items()
        }

    def put(self, table: pa.Table) -> None:
        for row in table.to_pylist():
            self.log[0].append(json.dumps(row).encode())

    def put_garbage(self) -> None:
        self.log[1] += [b"garbage", None, b"[1]", b'{"colour": "red"}']

    @asynccontextmanager
    async def open(self, reader: NearReader) -> AsyncIterator[Source]:
        declared = Declared(kind="kafka", topic="rows", batch_rows=ROWS)
        dataset = with_source(declared)
        yield StreamSource(self, dataset, max_bytes=LIMITS.bytes, every=0.001)


def with_source(declared: Declared) -> Dataset:
    return replace(PIMA, source=declared)


def as_parquet(table: pa.Table) -> bytes:
    file = pa.BufferOutputStream()
    parquet.write_table(table, file)
    return cast("bytes", file.getvalue().to_pybytes())


class World:
    """What outlives a process: source, store, catalog and broker."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.reader = NearReader(LIMITS)
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = RecordingPublisher()

    async def live(self, *, step: str = "", moment: str = "", looks: int = 6) -> bool:
        """A life of so many looks; False when it died at that step."""

        def mortal(port: object) -> Any:
            return Mortal(port, set(), step, moment)

        async with self.stand.open(self.reader) as source:
            taker = Taker(
                mortal(source),
                mortal(self.reader),
                mortal(self.store),
                mortal(self.catalog),
                mortal(self.publisher),
                dataset=PIMA,
            )
            try:
                await taker.announce_the_unannounced()
                for _ in range(looks):
                    await taker.take_what_is_due()
                    await asyncio.sleep(0.002)
            except Death:
                return False
        return True

    async def rows(self) -> list[StageResult]:
        return await self.catalog.results("pima", Stage.RAW)

    async def accepted(self) -> list[pa.Table]:
        tables = [row.table for row in await self.rows() if row.table]
        contents = [self.store.objects[table.key] for table in tables]
        return [parquet.read_table(pa.BufferReader(content)) for content in contents]


@pytest.fixture(params=["numbered", "cursor", "group", "folder", "bucket", "kafka"])
def world(request: pytest.FixtureRequest, serve: Serve, tmp_path: Path) -> Any:
    stands: dict[str, Callable[[ExitStack], Stand]] = {
        "numbered": lambda stack: Numbered(serve, stack),
        "cursor": lambda stack: Cursor(serve, stack),
        "group": lambda stack: Group(serve, stack),
        "folder": lambda _: Folder(tmp_path),
        "bucket": lambda _: Bucket(),
        "kafka": lambda _: Topic(),
    }
    with ExitStack() as stack:
        yield World(stands[request.param](stack))


@pytest.fixture(scope="session")
def table() -> pa.Table:
    return parquet.read_table(SHIPPED / "pima" / "batch-0001.parquet")


def same(found: pa.Table, sent: pa.Table) -> bool:
    return bool(found.select(sent.column_names).equals(sent))


async def test_each_batch_is_taken_once_in_order_and_repeats_change_nothing(
    world: World, table: pa.Table
) -> None:
    sent = [table.slice(n * ROWS, ROWS) for n in range(4)]
    for part in sent[:2]:
        world.stand.put(part)
    await world.live()
    for part in sent[2:]:
        world.stand.put(part)
    await world.live()
    await world.live()

    rows = await world.rows()
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert {row.verdict for row in rows} == {Verdict.ACCEPTED}
    assert len({row.statistics["source_identity"] for row in rows}) == 4
    found = await world.accepted()
    for part in sent:
        assert sum(same(each, part) for each in found) == 1
    assert len(world.publisher.published) == len(world.store.objects) == 4


STEPS = ["next", "accept", "find", "record", "exists", "put", "publish", "mark_announced"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_death_at_any_effect_ends_in_one_object_one_row_one_identity(
    world: World, table: pa.Table, step: str
) -> None:
    for number in range(2):
        world.stand.put(table.slice(number * ROWS, ROWS))
    for moment in ("before", "after"):
        assert not await world.live(step=step, moment=moment)
    await world.live(looks=8)

    rows = await world.rows()
    assert [row.number for row in rows] == [1, 2], "a cursor comes round again"
    assert len(world.store.objects) == 2
    assert len({envelope.id for _, envelope in world.publisher.published}) == 2
    assert len({event.model_dump_json() for event in world.publisher.events}) == 2
    assert await world.catalog.unannounced("pima", Stage.RAW) == []


async def test_garbage_is_refused_or_left_out_and_the_next_goes_on(
    world: World, table: pa.Table
) -> None:
    world.stand.put(table.slice(0, ROWS))
    world.stand.put_garbage()
    world.stand.put(table.slice(ROWS, ROWS))

    await world.live()
    await world.live()

    found = [each.select(table.column_names) for each in await world.accepted()]
    assert same(pa.concat_tables(found), table.slice(0, 2 * ROWS)), "none lost, none twice"
    refused = [row for row in await world.rows() if row.verdict is Verdict.REFUSED]
    assert len(refused) == len(world.publisher.buried) <= 1
    assert all(row.reason for row in refused)


async def test_a_source_that_is_away_is_an_outage_and_nothing_is_lost(
    world: World, table: pa.Table
) -> None:
    stand = world.stand
    if not isinstance(stand, Shop):
        pytest.skip("its twin is never away: see test_folder.py, test_topic.py")
    stand.put(table.slice(0, ROWS))
    stand.away = True
    async with stand.open(world.reader) as source:
        with pytest.raises(OutageError):
            await source.next(Taken())
    stand.away = False
    await world.live()

    assert [row.rows for row in await world.rows()] == [ROWS]
