"""The whole way from the data API to the platform: real HTTP, the other ports' twins."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from flask import Flask, Response, request
from pyarrow import parquet
from structlog.testing import capture_logs

from data_api.app import build_app
from data_api.settings import Settings
from data_api.sources import SHIPPED
from ingestor.fakes import NearReader
from ingestor.reading.accepting import Limits
from ingestor.sources.door import open_door
from ingestor.sources.numbered import NumberedSource
from ingestor.taking import Taker
from relevo_contracts import BatchRaw
from relevo_contracts.results import Stage, StageResult
from relevo_datasets import dataset_named
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

Serve = Callable[..., AbstractContextManager[str]]
NAME = "diabetes130"
ROUTE = f"/datasets/{NAME}/batches"


class Platform:
    """What batches are brought to."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = RecordingPublisher()

    def taker(self, source: NumberedSource, dataset: str = NAME) -> Taker:
        return Taker(
            source,
            NearReader(Limits(bytes=10_000_000, rows=15_000)),
            self.store,
            self.catalog,
            self.publisher,
            dataset=dataset_named(dataset),
        )

    async def take(self, address: str) -> None:
        async with open_source(address, NAME) as source:
            await self.taker(source).take_what_is_due()

    async def rows(self, dataset: str = NAME) -> list[StageResult]:
        return await self.catalog.results(dataset, Stage.RAW)


@asynccontextmanager
async def open_source(address: str, dataset: str) -> AsyncIterator[NumberedSource]:
    async def at_once(_: float) -> None: ...

    async with open_door(address, dataset) as door:
        yield NumberedSource(door, dataset, max_bytes=10_000_000, sleep=at_once)


def released(folder: Path, *, hours: int) -> Flask:
    """The data API, an hour per batch, so many hours after the first."""
    epoch = datetime.now(UTC) - timedelta(hours=hours)
    settings = Settings.model_validate(
        {
            "data_api_sources": f"{NAME}={folder}",
            "data_api_interval_seconds": 3600,
            "data_api_epoch": epoch.timestamp(),
        }
    )
    return build_app(settings)


async def until(fact: Callable[[], bool], what: str, *, within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not fact():
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        await asyncio.sleep(0.01)


async def test_the_shipped_data_arrives_batch_by_batch(serve: Serve) -> None:
    platform = Platform()

    with serve(released(SHIPPED / NAME, hours=9)) as address:
        await platform.take(address)

    rows = await platform.rows()
    assert [row.rows for row in rows] == [15_000] * 6 + [11_766]
    for event in platform.publisher.events:
        assert isinstance(event, BatchRaw)
        content = platform.store.objects[event.table.key]
        assert (
            content == (SHIPPED / NAME / f"batch-{event.number:04d}.parquet").read_bytes()
        )


async def test_bad_batches_are_refused_with_the_reason_and_the_next_goes_on(
    tmp_path: Path, serve: Serve, real_rows: pa.Table
) -> None:
    def put(number: int, table: pa.Table) -> Path:
        path = tmp_path / f"{number}.parquet"
        parquet.write_table(table, path)
        return path

    put(1, real_rows.slice(0, 100))
    put(2, real_rows.rename_columns([name.upper() for name in real_rows.column_names]))
    put(3, pa.concat_tables([real_rows] * 76))
    put(4, real_rows.slice(0, 0))
    put(5, real_rows).write_bytes(b"encounter_id,patient_nbr\n1,2\n")
    put(6, real_rows.slice(0, 50))
    put(7, real_rows.slice(100, 100))
    platform = Platform()

    app = released(tmp_path, hours=9)

    @app.after_request
    def exchange(response: Response) -> Response:
        if request.path == f"{ROUTE}/6":
            response.set_data(response.get_data() + b"!")
        return response

    with serve(app) as address:
        await platform.take(address)
        await platform.take(address)

    verdicts = [
        (row.number, row.verdict.value, row.reason) for row in await platform.rows()
    ]
    refusals = {number: reason for number, verdict, reason in verdicts if reason}
    assert [number for number, verdict, _ in verdicts if verdict == "accepted"] == [1, 7]
    assert "missing columns 'encounter_id'" in str(refusals[2])
    assert refusals[3] == "15,200 rows, at most 15,000"
    assert refusals[4] == "the table has no rows"
    assert "not a Parquet table" in str(refusals[5])
    assert "offered was" in str(refusals[6])
    assert [letter.key for letter in platform.publisher.buried] == [
        f"diabetes130-000{number}".encode() for number in (2, 3, 4, 5, 6)
    ]


async def test_a_restart_goes_on_where_it_was(
    tmp_path: Path, serve: Serve, real_rows: pa.Table
) -> None:
    for number in (1, 2, 3):
        part = real_rows.slice(number * 10, 10)
        parquet.write_table(part, tmp_path / f"{number}.parquet")
    platform = Platform()

    with serve(released(tmp_path, hours=1)) as address:
        await platform.take(address)
    with serve(released(tmp_path, hours=2)) as address:
        await platform.take(address)

    assert [row.number for row in await platform.rows()] == [1, 2, 3]
    assert len(platform.publisher.published) == 3


@pytest.mark.slow
async def test_a_source_that_goes_away_is_waited_for_and_told_about_once(
    tmp_path: Path, serve: Serve, real_rows: pa.Table
) -> None:
    parquet.write_table(real_rows, tmp_path / "1.parquet")
    platform = Platform()
    with serve(released(tmp_path, hours=0)) as address:
        pass

    async with open_source(address, NAME) as source:
        with capture_logs() as lines:
            taking = asyncio.create_task(platform.taker(source).take_what_is_due())
            await until(lambda: len(lines) >= 3, "three attempts at a source that is away")
            with serve(released(tmp_path, hours=0), int(address.rpartition(":")[2])):
                await asyncio.wait_for(taking, timeout=20)

    told = [line["event"] for line in lines if line["log_level"] != "debug"][:3]
    what = f"the data source of {NAME}"
    assert told == [f"waiting for {what}", f"{what} is back", "batch taken"]
    assert len(platform.publisher.published) == 1


@pytest.mark.slow
async def test_it_asks_when_a_batch_is_due_and_not_in_between(
    tmp_path: Path, serve: Serve, real_rows: pa.Table
) -> None:
    for number in (1, 2, 3):
        part = real_rows.slice(number * 10, 10)
        parquet.write_table(part, tmp_path / f"{number}.parquet")
    sources = {"data_api_sources": f"{NAME}={tmp_path}", "data_api_interval_seconds": 1.0}
    app = build_app(Settings.model_validate(sources))
    asked: list[str] = []
    app.before_request(lambda: asked.append(request.path))
    platform = Platform()

    with serve(app) as address:
        async with open_source(address, NAME) as source:
            taker = platform.taker(source)
            taking = asyncio.create_task(taker.take_for_ever(asyncio.sleep))
            await until(lambda: len(platform.publisher.published) == 3, "three batches")
            taking.cancel()

    late = [event.ingested_at - event.released_at for event in batches(platform)]
    assert max(late) < timedelta(seconds=5), "each one soon after it was due"
    # per batch once when it is due and once after it was taken; once more if a timer
    # of ours fires a moment before the source's
    assert asked.count(ROUTE) <= 8
    assert [path for path in asked if path != ROUTE] == [
        f"{ROUTE}/1",
        f"{ROUTE}/2",
        f"{ROUTE}/3",
    ]


async def test_while_one_dataset_is_away_or_poison_the_others_go_on(
    tmp_path: Path, serve: Serve, real_rows: pa.Table
) -> None:
    parquet.write_table(real_rows, tmp_path / "1.parquet")  # no covertype could be that
    settings = {
        "data_api_sources": f"covertype={tmp_path}",
        "relevo_dataset": "covertype,pima",
        "data_api_epoch": (datetime.now(UTC) - timedelta(hours=1)).timestamp(),
    }
    platform = Platform()
    with capture_logs() as lines, serve(build_app(Settings.model_validate(settings))) as at:
        async with AsyncExitStack() as opened:
            for dataset in (NAME, "covertype", "pima"):
                source = await opened.enter_async_context(open_source(at, dataset))
                taking = platform.taker(source, dataset).take_for_ever(asyncio.sleep)
                opened.callback(asyncio.create_task(taking).cancel)
            await until(lambda: len(platform.publisher.published) == 3, "pima's batches")
            await until(lambda: len(platform.publisher.buried) == 1, "covertype's refusal")

    assert [row.number for row in await platform.rows("pima")] == [1, 2, 3]
    assert [row.verdict.value for row in await platform.rows("covertype")] == ["refused"]
    assert await platform.rows(NAME) == []
    told = {line["event"] for line in lines}
    assert f"waiting for the data source of {NAME}" in told


def batches(platform: Platform) -> list[BatchRaw]:
    return [e for e in platform.publisher.events if isinstance(e, BatchRaw)]
