"""The APIs that the first users have, stood in as they behave: each feeds its dataset."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.sources import SHIPPED
from ingestor.fakes import NearReader
from ingestor.reading.accepting import Limits
from ingestor.sources.cursor import CursorSource
from ingestor.sources.door import open_door
from ingestor.sources.group import GroupSource
from ingestor.sources.port import StrangeAnswerError
from ingestor.sources.rows_api import RowsApi
from ingestor.sources.taken import Taken
from ingestor.taking import Taker
from relevo_contracts import BatchRaw, OutageError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import GROUP, ROW_ID, clean, dataset_named
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore
from tests.foreign.apis import CursorApi, GroupApi

Serve = Callable[..., AbstractContextManager[str]]
LIMITS = Limits(bytes=10_000_000, rows=15_000)
PIMA, COVERTYPE = dataset_named("pima"), dataset_named("covertype")


def shipped(name: str) -> pa.Table:
    files = sorted((SHIPPED / name).glob("*.parquet"))
    return pa.concat_tables(map(parquet.read_table, files))


def as_json(text: str) -> Any:
    """A number where it is one, as an API would send it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def records(table: pa.Table) -> list[dict[str, Any]]:
    return [{name: as_json(v) for name, v in row.items()} for row in table.to_pylist()]


def cleaned(table: pa.Table) -> Any:
    """Without the ids: they tell 0.20, as it stands in the file, from JSON's 0.2."""
    frame = clean(PIMA, table.to_pandas(), PIMA.default_target.name).frame
    return frame.drop(columns=[ROW_ID, GROUP])


class Clock:
    """Time as the test lets it pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class World:
    """What outlives a process, and one look at the source."""

    def __init__(self, dataset: str) -> None:
        self.dataset = dataset_named(dataset)
        self.clock = Clock()
        self.reader = NearReader(LIMITS)
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = RecordingPublisher()

    async def look(self, url: str) -> float:
        """A life of the ingestor: it takes what is there, and says when it asks again."""
        kind = GroupSource if "group_number" in url else CursorSource
        async with open_door(url, self.dataset.name) as door:
            api = RowsApi(
                door,
                self.reader,
                self.dataset,
                max_bytes=LIMITS.bytes,
                every=60.0,
                clock=self.clock,
            )
            source = kind(api)
            taker = Taker(
                source,
                self.reader,
                self.store,
                self.catalog,
                self.publisher,
                dataset=self.dataset,
            )
            return await taker.take_what_is_due()

    async def rows(self) -> list[StageResult]:
        return await self.catalog.results(self.dataset.name, Stage.RAW)

    def table(self, result: StageResult) -> pa.Table:
        assert result.table
        return parquet.read_table(pa.BufferReader(self.store.objects[result.table.key]))


async def test_pima_comes_by_a_cursor_each_list_once_however_often_it_wraps(
    serve: Serve,
) -> None:
    world, table = World("pima"), shipped("pima")
    api = CursorApi(records(table), at_once=256)
    with serve(api.app) as address:
        for _ in range(10):  # three lists, and three times round and more
            assert await world.look(f"{address}/get_data") == 60.0

    results = await world.rows()
    assert api.calls == 10
    assert [(r.number, r.verdict, r.rows) for r in results] == [
        (1, Verdict.ACCEPTED, 256),
        (2, Verdict.ACCEPTED, 256),
        (3, Verdict.ACCEPTED, 256),
    ]
    assert [event.key for event in world.publisher.events] == [r.batch_id for r in results]
    assert (
        len(world.store.objects) == len({e.id for _, e in world.publisher.published}) == 3
    )
    for number, result in enumerate(results):
        sent = table.slice(number * 256, 256)
        assert cleaned(world.table(result)).equals(cleaned(sent)), "they mean the same"


async def test_a_list_that_was_written_otherwise_is_the_same_rows(serve: Serve) -> None:
    world = World("pima")
    rows = records(shipped("pima").slice(0, 10))
    turned = [dict(reversed(row.items())) for row in rows]
    for listed in (rows, turned):
        with serve(CursorApi(listed, at_once=10).app) as address:
            await world.look(f"{address}/get_data")

    assert len(await world.rows()) == 1


async def test_covertype_comes_by_a_group_api_until_all_is_handed_out_and_again(
    serve: Serve,
) -> None:
    world, table = World("covertype"), shipped("covertype").slice(0, 4_200)
    rows = [list(map(as_json, row.values())) for row in table.to_pylist()]
    api = GroupApi(rows, batch_rows=2_100, part_rows=700, seconds=300, clock=world.clock)
    with serve(api.app) as address:
        url = f"{address}/data?group_number=3"
        for _ in range(12):  # two generations of 5 looks, then 400
            await world.look(url)
            world.clock.now += 60
        parts = await world.rows()
        api.restart()
        await world.look(url)

    results = await world.rows()
    assert {r.verdict for r in results} == {Verdict.ACCEPTED}
    assert [len(parts), len(results)] == [10, 11]
    assert [r.number for r in results] == list(range(1, 12))
    assert {r.rows for r in results} == {700}
    names = [str(r.statistics["source_identity"]).partition("/")[0] for r in results]
    assert names == ["0"] * 5 + ["1"] * 5 + ["0"], "a generation that begins anew"
    first, second = (world.table(r) for r in results[:2])
    assert first.column_names == list(COVERTYPE.raw_columns)
    both = {tuple(r.values()) for r in first.to_pylist()}
    assert both & {tuple(r.values()) for r in second.to_pylist()}, "parts overlap"
    events = [e for e in world.publisher.events if isinstance(e, BatchRaw)]
    assert events[0].source_url == f"{address}/data?group_number=3"


async def test_a_group_that_does_not_exist_is_told_in_the_words_of_the_source(
    serve: Serve,
) -> None:
    world = World("covertype")
    api = GroupApi([], batch_rows=1, part_rows=1)
    with serve(api.app) as address:
        async with open_door(f"{address}/data?group_number=99", "covertype") as door:
            asked = RowsApi(door, world.reader, COVERTYPE, max_bytes=10**6, every=300.0)
            due = await GroupSource(asked).next(Taken())

    assert "no such group" in due.why  # type: ignore[union-attr]


@pytest.mark.parametrize("body", ["<html>", "{}", "[1]", '[{"a": [1]}]', '{"data": [[1]]}'])
@pytest.mark.parametrize("kind", [CursorSource, GroupSource])
async def test_who_answers_in_another_form_speaks_another_protocol(
    serve: Serve, kind: Any, body: str
) -> None:
    api = CursorApi([], at_once=1)
    api.app.view_functions["get_data"] = lambda: body
    with serve(api.app) as address:
        async with open_door(f"{address}/get_data", "pima") as door:
            reader = NearReader(LIMITS)
            source = kind(RowsApi(door, reader, PIMA, max_bytes=10**6, every=60.0))
            with pytest.raises(StrangeAnswerError, match="API"):
                await source.next(Taken())
            api.app.view_functions["get_data"] = lambda: ("", 503)
            with pytest.raises(OutageError) as away:
                await source.next(Taken())

    assert not isinstance(away.value, StrangeAnswerError)


async def test_rows_of_another_table_are_refused_once_and_told_by_their_columns(
    serve: Serve,
) -> None:
    world = World("pima")
    with serve(CursorApi([{"colour": "red"}], at_once=1).app) as address:
        for _ in range(3):
            await world.look(f"{address}/get_data")

    (refused,) = await world.rows()
    assert refused.verdict is Verdict.REFUSED
    assert "unknown column 'colour'" in str(refused.reason)


async def test_numbers_keep_the_digits_that_were_sent(serve: Serve) -> None:
    world = World("pima")
    world.dataset = replace(world.dataset, raw_columns=("big", "exact"))
    row = '[{"big": 12345678901234567890123, "exact": 0.10}]'
    api = CursorApi([], at_once=1)
    api.app.view_functions["get_data"] = lambda: row
    with serve(api.app) as address:
        await world.look(f"{address}/get_data")

    (result,) = await world.rows()
    assert world.table(result).to_pylist() == [
        {"big": "12345678901234567890123", "exact": "0.10"}
    ]
