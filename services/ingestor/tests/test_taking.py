"""Each batch once, in order, whatever dies when: the flow against the ports' twins."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingestor import fakes
from ingestor.fakes import EPOCH, Death
from ingestor.reading.accepting import RawTable
from relevo_contracts import BatchRaw, Topic
from relevo_contracts.results import Stage, Verdict
from relevo_datasets import dataset_named

Write = Callable[[pa.Table], bytes]


World = partial(fakes.World, dataset_named("diabetes130"))
Batch = Callable[[int], bytes]


async def test_a_batch_becomes_one_object_one_row_and_one_event(batch: Batch) -> None:
    world = World(batch(1))

    await world.live()

    ((key, content),) = world.store.objects.items()
    (row,) = await world.catalog.results("diabetes130", Stage.RAW)
    ((event, envelope),) = world.publisher.published
    assert content == batch(1)
    assert isinstance(event, BatchRaw)
    assert event.table.key == key == f"raw/diabetes130/{event.source_sha256}.parquet"
    assert (event.batch_id, event.number, event.rows) == ("diabetes130-0001", 1, 10)
    assert event.source_url == "http://source/batches/1"
    assert event.released_at == EPOCH
    assert (row.verdict, row.table, row.rows) == (Verdict.ACCEPTED, event.table, 10)
    assert envelope.subject == "diabetes130-0001"
    assert await world.catalog.unannounced("diabetes130", Stage.RAW) == []


async def test_batches_are_taken_in_order_and_once(batch: Batch) -> None:
    world = World(batch(1), batch(2))
    await world.live()
    world.source.contents.append(batch(3))
    await world.live()

    assert world.source.handed == ["1", "2", "3"]
    assert [event.key for event in world.publisher.events] == [
        "diabetes130-0001",
        "diabetes130-0002",
        "diabetes130-0003",
    ]


async def test_a_batch_that_waits_to_be_taken_shows_since_when(batch: Batch) -> None:
    def shown(name: str) -> float | None:
        labels = {"dataset": "diabetes130"}
        return REGISTRY.get_sample_value(f"relevo_ingestor_{name}", labels)

    world = World(batch(1))
    with pytest.raises(Death):
        await world.taker(dies_at="accept", moment="before").take_what_is_due()
    assert shown("untaken_since_timestamp_seconds") == EPOCH.timestamp()

    await world.live()

    assert shown("untaken_since_timestamp_seconds") == 0
    assert shown("newest_batch_number") == 1


STEPS = [
    "next",
    "results",
    "find",
    "accept",
    "exists",
    "put",
    "record",
    "publish",
    "bury",
    "mark_announced",
    "unannounced",
]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_death_at_any_step_ends_in_one_object_one_row_one_identity(
    batch: Batch, step: str, moment: str
) -> None:
    world = World(batch(1), b"not a table", batch(2))

    await world.live(dies_at=step, moment=moment)
    await world.live(dies_at=step, moment=moment)
    await world.live()

    rows = await world.catalog.results("diabetes130", Stage.RAW)
    assert [row.verdict.value for row in rows] == ["accepted", "refused", "accepted"]
    assert len(world.store.objects) == 2
    assert len(set(world.event_ids)) == 2
    assert len({event.model_dump_json() for event in world.publisher.events}) == 2
    assert len({letter.letter for letter in world.publisher.buried}) == 1
    assert await world.catalog.unannounced("diabetes130", Stage.RAW) == []


async def test_the_deaths_above_are_at_every_call_that_leaves_the_process(
    batch: Batch,
) -> None:
    world = World(batch(1), b"not a table")

    await world.live()

    assert world.calls - {"lease"} == set(STEPS)


async def test_two_ingestors_at_once_tell_the_same_event(batch: Batch) -> None:
    world = World(batch(1))

    await asyncio.gather(world.taker().take_what_is_due(), world.taker().take_what_is_due())

    assert world.source.handed == ["1", "1"], "both were at work"
    assert len(world.store.objects) == 1
    assert len(await world.catalog.results("diabetes130", Stage.RAW)) == 1
    first, second = world.publisher.published
    assert first == second


async def test_what_was_recorded_before_a_death_is_announced_at_the_next_start(
    batch: Batch,
) -> None:
    world = World(batch(1), b"not a table")
    await world.live(dies_at="publish", moment="before")
    assert world.publisher.published == []
    world.source.outages = 10**9

    await world.taker().announce_the_unannounced()

    assert len(world.publisher.published) == 1, "though the source is away"


async def test_a_refused_batch_is_recorded_and_buried_and_the_next_one_goes_on(
    batch: Batch, real_rows: pa.Table, to_parquet: Write
) -> None:
    world = World(batch(1), to_parquet(real_rows), batch(3))

    await world.live()
    await world.live()

    _, refused, _ = await world.catalog.results("diabetes130", Stage.RAW)
    (letter,) = world.publisher.buried
    assert refused.verdict is Verdict.REFUSED
    assert refused.reason == letter.letter.reason == "200 rows, at most 150"
    assert letter.topic is Topic.BATCH_RAW
    assert (letter.letter.stage, letter.letter.service) == ("fetch", "ingestor")
    assert (letter.letter.partition, letter.letter.offset) == (-1, -1)
    assert letter.key == b"diabetes130-0002"
    assert json.loads(letter.body)["source_url"] == "http://source/batches/2"
    assert [event.key[-4:] for event in world.publisher.events] == ["0001", "0003"]
    assert len(world.store.objects) == 2, "nothing of it is kept"


async def test_a_refused_batch_that_is_asked_for_again_is_taken_anew(batch: Batch) -> None:
    world = World(b"no table")
    await world.live()
    world.source.contents[0] = batch(1)
    await world.catalog.ask_again("diabetes130-0001", [Stage.RAW])
    await world.live()
    await world.live()
    assert len(world.publisher.published) == 1


@pytest.mark.parametrize("server", ["source", "store", "catalog", "publisher"])
async def test_an_outage_is_waited_for_and_loses_nothing(
    batch: Batch, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(batch(1))
    delays: list[float] = []

    async def repair(seconds: float) -> None:
        delays.append(seconds)
        if len(delays) == 3:
            world.store.away = world.catalog.away = world.publisher.away = False

    monkeypatch.setattr("asyncio.sleep", repair)
    if server == "source":
        world.source.outages = 3
    else:
        getattr(world, server).away = True

    await world.live()

    assert len(delays) == 3
    assert delays == sorted(delays), "ever more patient"
    assert len(world.publisher.published) == 1
    assert world.publisher.buried == []


@pytest.mark.parametrize(
    ("seconds", "wait"), [(20.0, 20.0), (0.001, 0.02), (-3.0, 0.02), (10**6, 300.0)]
)
async def test_it_sleeps_as_long_as_the_source_says_within_what_is_sensible(
    batch: Batch, seconds: float, wait: float
) -> None:
    world = World(batch(1))
    world.source.seconds = seconds

    assert await world.live() == [wait]


async def test_a_sleeping_source_is_asked_seldom_and_told_of_once_and_then_taken_whole(
    batch: Batch,
) -> None:
    world = World(batch(1), batch(2), batch(3))
    world.source.asleep_until = datetime.now(UTC) + timedelta(hours=9)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            world.source.asleep_until = None
        if len(waits) > 3:
            raise Death

    with capture_logs() as said, pytest.raises(Death):
        await world.taker().take_for_ever(sleep)

    assert waits[:3] == [300.0] * 3
    assert [event.key[-4:] for event in world.publisher.events] == ["0001", "0002", "0003"]
    told = [each["event"] for each in said if each["event"] != "batch taken"]
    assert told == ["the source sleeps by plan", "the source is awake"]
    assert [each for each in said if each["log_level"] != "info"] == []


async def test_a_source_is_asked_the_moment_it_should_wake(batch: Batch) -> None:
    world = World(batch(1))
    world.source.asleep_until = datetime.now(UTC) + timedelta(seconds=30)

    (wait,) = await world.live()

    assert 29 < wait <= 30


async def test_a_source_that_falls_asleep_before_a_batch_leaves_nothing_overdue(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(batch(1))
    accept = world.reader.accept

    async def last_words(*arguments: Any) -> RawTable:
        world.source.asleep_until = datetime.now(UTC) + timedelta(hours=9)
        return await accept(*arguments)

    monkeypatch.setattr(world.reader, "accept", last_words)
    await world.live()

    labels = {"dataset": "diabetes130"}
    name = "relevo_ingestor_untaken_since_timestamp_seconds"
    assert REGISTRY.get_sample_value(name, labels) == 0
    assert REGISTRY.get_sample_value("relevo_runtime_waiting_since_seconds") is None
