"""Each batch once, in order, whatever dies when: the flow against the ports' twins."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pyarrow as pa
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingestor.reading.accepting import Limits, RawTable
from ingestor.reading.near import NearReader
from ingestor.sources.port import Due, Parcel, SourceAsleepError
from ingestor.sources.taken import Taken
from ingestor.taking import Taker
from relevo_contracts import BatchRaw, OutageError, Topic
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import dataset_named
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

DIABETES130 = dataset_named("diabetes130")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
Write = Callable[[pa.Table], bytes]


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

    def __init__(self, *contents: bytes, source: type[MemorySource] = MemorySource) -> None:
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
            dataset=DIABETES130,
        )

    async def live(self, *, dies_at: str = "", moment: str = "") -> list[float]:
        """One life of the process: until it has nothing to do, or dies."""
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if seconds > 0:
                raise Death

        with pytest.raises(Death):
            await self.taker(dies_at=dies_at, moment=moment).take_for_ever(sleep)
        return waits

    @property
    def event_ids(self) -> list[str]:
        return [envelope.id for _, envelope in self.publisher.published]


@pytest.fixture
def batch(real_rows: pa.Table, to_parquet: Write) -> Callable[[int], bytes]:
    """batch(n): the bytes of a good batch, another one for each n."""
    return lambda number: to_parquet(real_rows.slice(number * 10, 10))


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

    assert world.source.handed == ["1"], "one was at work, and the other waited"
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


async def test_a_refused_batch_that_was_mended_is_taken_at_a_second_try(
    batch: Batch,
) -> None:
    world = World(batch(1), b"half a table", batch(3))
    await world.live()
    (refused,) = [row for row in await rows_of(world) if row.verdict is Verdict.REFUSED]
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

    (row,) = await rows_of(world)
    assert (row.verdict, row.statistics["attempt"]) == (Verdict.ACCEPTED, 2)
    assert len(await world.catalog.earlier_tries(row.batch_id, Stage.RAW)) == 1
    assert len(set(world.event_ids)) == len(world.store.objects) == 1
    assert await world.catalog.unannounced("diabetes130", Stage.RAW) == []


async def test_an_accepted_batch_is_never_taken_again(batch: Batch) -> None:
    world = World(batch(1))
    await world.live()
    world.source.contents[0] = batch(2)

    await world.live()

    assert len(world.publisher.events) == len(await rows_of(world)) == 1


async def test_what_has_no_number_gets_the_next_one_in_the_order_of_taking(
    batch: Batch,
) -> None:
    world = World(batch(1), b"not a table", batch(3), source=Nameless)

    await world.live()

    assert [row.number for row in await rows_of(world)] == [1, 2, 3]


async def test_two_who_number_at_once_give_each_parcel_one_number(batch: Batch) -> None:
    world = World(*map(batch, range(1, 9)), source=Nameless)

    await asyncio.gather(*(world.taker().take_what_is_due() for _ in range(3)))

    rows = await rows_of(world)
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

    assert [row.number for row in await rows_of(world)] == [1, 2, 3]


def first_of(source: MemorySource) -> Callable[[Taken], Coroutine[Any, Any, Parcel | Due]]:
    """Hands out nothing but the first, under a name that it had not before."""

    async def next_one(taken: Taken) -> Parcel | Due:
        sha256 = hashlib.sha256(source.contents[0]).hexdigest()
        if taken.is_new("new/1", sha256):
            return source.parcel(1, source.contents[0], sha256)
        return Due(1.0)

    return next_one


async def rows_of(world: World) -> list[StageResult]:
    return await world.catalog.results("diabetes130", Stage.RAW)


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
