"""A batch that was mended, numbers that are ours, and what is never taken again."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pytest
from structlog.testing import capture_logs

from ingestor import fakes
from ingestor.fakes import MemorySource, Nameless
from ingestor.reading.accepting import Limits
from ingestor.sources.port import Due, Parcel
from ingestor.sources.taken import Taken
from relevo_contracts import BatchRaw
from relevo_contracts.results import Stage, Verdict
from relevo_datasets import dataset_named

World = partial(fakes.World, dataset_named("diabetes130"))
Batch = Callable[[int], bytes]


async def test_a_refused_batch_that_was_mended_is_taken_at_a_second_try(
    batch: Batch,
) -> None:
    world = World(batch(1), b"half a table", batch(3))
    await world.live()
    (refused,) = [row for row in await world.rows() if row.verdict is Verdict.REFUSED]
    world.source.contents[1] = batch(2)

    with capture_logs() as said:
        await world.live()
        await world.live()

    mended = await world.catalog.find("diabetes130-0002", Stage.RAW)
    assert mended
    assert (mended.verdict, mended.statistics["attempt"]) == (Verdict.ACCEPTED, 2)
    assert await world.catalog.earlier_tries("diabetes130-0002", Stage.RAW) == [refused]
    *_, event = world.publisher.events
    assert isinstance(event, BatchRaw)
    assert (event.number, event.attempt) == (2, 2)
    assert event.source_sha256 == hashlib.sha256(batch(2)).hexdigest()
    assert [(s["event"], s["attempt"]) for s in said if "attempt" in s] == [
        ("batch taken", 2)
    ]
    assert len(set(world.event_ids)) == 3


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "step", ["next", "accept", "put", "record_again", "publish", "mark_announced"]
)
async def test_a_death_in_a_second_try_ends_in_one_row_and_one_identity(
    batch: Batch, step: str, moment: str
) -> None:
    world = World(b"half a table")
    await world.live()
    world.source.contents[0] = batch(1)

    for _ in range(2):
        await world.live(dies_at=step, moment=moment)
    await world.live()

    (row,) = await world.rows()
    assert (row.verdict, row.statistics["attempt"]) == (Verdict.ACCEPTED, 2)
    assert len(await world.catalog.earlier_tries(row.batch_id, Stage.RAW)) == 1
    assert len(set(world.event_ids)) == len(world.store.objects) == 1
    assert await world.catalog.unannounced("diabetes130", Stage.RAW) == []


async def test_an_accepted_batch_is_never_taken_again(batch: Batch) -> None:
    world = World(batch(1))
    await world.live()
    world.source.contents[0] = batch(2)

    await world.live()

    assert len(world.publisher.events) == len(await world.rows()) == 1


async def test_what_has_no_number_gets_the_next_one_in_the_order_of_taking(
    batch: Batch,
) -> None:
    world = World(batch(1), b"not a table", batch(3), source=Nameless)

    await world.live()

    assert [row.number for row in await world.rows()] == [1, 2, 3]


async def test_two_who_number_at_once_give_each_parcel_one_number(batch: Batch) -> None:
    world = World(*map(batch, range(1, 9)), source=Nameless)

    await asyncio.gather(*(world.taker().take_what_is_due() for _ in range(3)))

    rows = await world.rows()
    assert [row.number for row in rows] == list(range(1, 9))
    assert len({row.statistics["source_identity"] for row in rows}) == 8


async def test_a_number_that_another_source_has_used_is_not_taken_for_its_batch(
    batch: Batch,
) -> None:
    world = World(batch(1), batch(2))
    await world.live()
    world.source.contents.insert(0, batch(3))
    moved = world.source.parcel
    world.source.parcel = lambda number, *rest: replace(  # type: ignore[method-assign]
        moved(number, *rest), identity=f"new/{number}"
    )
    world.source.next = first_of(world.source)  # type: ignore[method-assign, assignment]

    await world.live()

    assert [row.number for row in await world.rows()] == [1, 2, 3]


def first_of(source: MemorySource) -> Callable[[Taken], Coroutine[Any, Any, Parcel | Due]]:
    """Hands out nothing but the first, under a name that it had not before."""

    async def next_one(taken: Taken) -> Parcel | Due:
        sha256 = hashlib.sha256(source.contents[0]).hexdigest()
        if taken.is_new("new/1", sha256):
            return source.parcel(1, source.contents[0], sha256)
        return Due(1.0)

    return next_one


async def test_what_a_person_asks_for_again_is_taken_though_it_is_the_same(
    real_rows: pa.Table, to_parquet: Callable[[pa.Table], bytes]
) -> None:
    world = World(to_parquet(real_rows))
    await world.live()
    world.reader.limits = Limits(bytes=1_000_000, rows=1_000)
    await world.live()
    assert [row.verdict for row in await world.rows()] == [Verdict.REFUSED]

    await world.catalog.ask_again("diabetes130-0001", [Stage.RAW])
    await world.live()
    await world.live()

    (row,) = await world.rows()
    assert (row.verdict, row.statistics["attempt"]) == (Verdict.ACCEPTED, 2)
    assert world.source.handed == ["1", "1"]
    assert len(world.publisher.published) == 1
