"""The others hear whether the data source answers, and nobody waits for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from ingestor.sources.port import Due, Parcel, SourceAsleepError, StrangeAnswerError
from ingestor.sources.taken import Taken
from ingestor.watching import AGAIN, VALID, WatchedSource
from relevo_contracts import OutageError, SourceSeen
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.testing import eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Moody:
    """A source that answers as it is told to."""

    def __init__(self) -> None:
        self.failure: Exception | None = None

    async def next(self, taken: Taken) -> Parcel | Due:
        if self.failure:
            raise self.failure
        return Due(1.0)


class Plan:
    """A clock that the test sets."""

    until: datetime | None = None

    def asleep_until(self, _: datetime, /) -> datetime | None:
        return self.until


class World:
    """A watched source, a clock that the test sets, and what was told."""

    def __init__(self) -> None:
        self.now = NOW
        self.source = Moody()
        self.publisher = RecordingPublisher()
        self.plan = Plan()
        self.watched = WatchedSource(
            self.source, self.publisher, self.plan, name="samples", now=lambda: self.now
        )

    @property
    def told(self) -> list[SourceSeen]:
        return [event for event in self.publisher.events if isinstance(event, SourceSeen)]

    async def has_told(self, number: int) -> SourceSeen:
        await eventually(lambda: len(self.told) >= number, f"{number} tellings")
        assert len(self.told) == number
        return self.told[-1]

    async def ask(self, failure: Exception | None = None, *, after: timedelta) -> None:
        self.now += after
        self.source.failure = failure
        if failure is None:
            await self.watched.next(Taken())
        else:
            with pytest.raises(type(failure)):
                await self.watched.next(Taken())


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    async with telling(world):
        yield world


@asynccontextmanager
async def telling(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(world.watched.tell())
    yield
    task.cancel()


async def test_each_change_is_told_with_its_reason_and_its_beginning(world: World) -> None:
    second = timedelta(seconds=1)
    await world.ask(after=second)
    first = await world.has_told(1)
    await world.ask(OutageError("it is away"), after=second)
    away = await world.has_told(2)
    await world.ask(after=second)
    back = await world.has_told(3)

    assert [each.status for each in (first, away, back)] == [
        *("available", "unavailable", "available"),
    ]
    assert (first.source, first.reason, away.reason) == ("samples", None, "it is away")
    assert [each.since for each in (first, away, back)] == [
        NOW + second,
        NOW + 2 * second,
        NOW + 3 * second,
    ]


async def test_what_stays_is_told_anew_now_and_then_with_its_old_beginning(
    world: World,
) -> None:
    await world.ask(after=AGAIN)
    await world.has_told(1)
    for _ in range(5):
        await world.ask(after=AGAIN / 6)
    await world.ask(after=AGAIN / 6)
    again = await world.has_told(2)

    assert again.since == NOW + AGAIN
    assert again.seen_at == NOW + 2 * AGAIN
    assert again.valid_until == again.seen_at + VALID


async def test_who_speaks_another_protocol_is_told_apart_from_who_is_away(
    world: World,
) -> None:
    def metric(name: str) -> float | None:
        labels = {"dataset": "samples"}
        return REGISTRY.get_sample_value(f"relevo_source_{name}", labels)

    await world.ask(OutageError("it is away"), after=AGAIN)
    away = await world.has_told(1)
    assert (metric("up"), metric("understood")) == (0, 1)
    await world.ask(StrangeAnswerError("a page of HTML"), after=timedelta(seconds=1))
    strange = await world.has_told(2)
    assert (metric("up"), metric("understood")) == (0, 0)
    await world.ask(after=timedelta(seconds=1))
    back = await world.has_told(3)

    assert [each.is_strange for each in (away, strange, back)] == [False, True, False]
    assert strange.reason == "a page of HTML"
    assert (metric("up"), metric("understood")) == (1, 1)


async def test_while_kafka_is_away_the_source_is_asked_and_the_newest_is_kept(
    world: World,
) -> None:
    world.publisher.away = True
    await world.ask(after=AGAIN)
    await world.ask(OutageError("away"), after=AGAIN)
    await asyncio.sleep(0)
    world.publisher.away = False

    await eventually(lambda: bool(world.told), "it is told")
    assert world.told[-1].status == "unavailable"


async def test_a_source_that_is_away_by_plan_is_asleep_and_not_an_outage(
    world: World,
) -> None:
    morning = world.plan.until = NOW + timedelta(hours=9)
    world.source.failure = OutageError("nobody is there")
    with pytest.raises(SourceAsleepError) as asleep:
        await world.watched.next(Taken())
    told = await world.has_told(1)

    assert asleep.value.until == morning
    assert (told.status, told.asleep_until) == ("unavailable", morning)


async def test_a_source_that_should_have_woken_is_an_outage_at_once(world: World) -> None:
    world.plan.until = NOW + AGAIN
    world.source.failure = OutageError("nobody is there")
    with pytest.raises(SourceAsleepError):
        await world.watched.next(Taken())
    await world.has_told(1)
    world.plan.until = None
    with pytest.raises(OutageError):
        await world.watched.next(Taken())

    assert (await world.has_told(2)).asleep_until is None


async def test_a_source_that_answers_in_its_sleep_is_available(world: World) -> None:
    world.plan.until = NOW + AGAIN
    await world.watched.next(Taken())
    told = await world.has_told(1)

    assert (told.status, told.asleep_until) == ("available", None)
