"""Datasets side by side on one topic: none waits for another."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import BatchClean, Envelope, ObjectRef, OutageError, Topic
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.kafka.lanes import consume_by_dataset, side_by_side
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

CLEAN = Topic.BATCH_CLEAN
SLOW, QUICK = "slow", "quick"
DATASETS = (SLOW, QUICK)
PARTITION = 1
OBJECT = ObjectRef(key="clean/test/a.parquet", sha256="a" * 64, size=1)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def batch(dataset: str, number: int = 1) -> BatchClean:
    return BatchClean(
        batch_id=f"{dataset}-{number:04d}",
        dataset=dataset,
        number=number,
        table=OBJECT,
        report=OBJECT,
        rows_in=10,
        rows_out=10,
        rows_quarantined=0,
        raw_sha256="b" * 64,
        released_at=NOW,
        cleaned_at=NOW,
    )


async def send(probe: Probe, event: BatchClean, *, key: bytes | None) -> None:
    """To the partition that all of them share."""
    envelope = Envelope.of(event, source="test", cause=event.batch_id)
    await probe.send_raw(
        CLEAN,
        event.model_dump_json().encode(),
        key=key,
        headers=envelope.to_headers(),
        partition=PARTITION,
    )


@dataclass
class Handling:
    """A handler for which one dataset never comes to an end, or is in an outage."""

    stuck: str | None = None
    failing: str | None = None
    begun: list[str] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)

    async def __call__(self, event: BatchClean, _: Envelope) -> None:
        self.begun.append(event.batch_id)
        if event.dataset == self.failing:
            raise OutageError("its store is away")
        if event.dataset == self.stuck:
            await asyncio.Event().wait()
        self.handled.append(event.batch_id)


@asynccontextmanager
async def consuming(
    settings: ServiceSettings, handling: Handling, group: str
) -> AsyncIterator[None]:
    async with consume_by_dataset(
        settings,
        DATASETS,
        service=group,
        event=BatchClean,
        handler=handling,
        publisher=RecordingPublisher(),
    ):
        yield


@pytest.fixture
async def groups(probe: Probe, group: str) -> tuple[str, str]:
    """The lanes of this test's service, which begin with what it sends."""
    slow, quick = f"{group}-{SLOW}", f"{group}-{QUICK}"
    for each in (slow, quick):
        await probe.skip_all(CLEAN, each)
    return slow, quick


def attempts() -> float:
    """How many this process has counted on the topic."""
    outcomes = ("handled", "poison", "bug", "outage")
    found = [
        REGISTRY.get_sample_value(
            "relevo_runtime_events_handled_total", {"topic": CLEAN.value, "outcome": each}
        )
        for each in outcomes
    ]
    return sum(each or 0 for each in found)


async def sends_three(probe: Probe) -> None:
    """The slow one's first, then two of the quick one's, behind each other."""
    await send(probe, batch(SLOW), key=SLOW.encode())
    for number in (1, 2):
        await send(probe, batch(QUICK, number), key=QUICK.encode())


@pytest.mark.servers
@pytest.mark.parametrize("handling", [Handling(stuck=SLOW), Handling(failing=SLOW)])
async def test_a_dataset_that_hangs_or_fails_holds_up_no_other_on_the_same_partition(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    groups: tuple[str, str],
    handling: Handling,
) -> None:
    hasty = settings.model_copy(
        # one name for the process: it is a name within each of its groups
        update={"drain_seconds": 0.3, "kafka_group_instance_id": group}
    )
    before = await probe.committed(CLEAN, groups[0])

    async with consuming(hasty, handling, group):
        await sends_three(probe)
        await eventually(
            lambda: handling.handled == ["quick-0001", "quick-0002"], "the quick one's"
        )
        assert "slow-0001" in handling.begun

        async def has_no_lag() -> bool:
            now = await probe.committed(CLEAN, groups[1])
            return now[PARTITION] == before[PARTITION] + 3

        await eventually(has_no_lag, "what the quick lane passed over is behind it")

    assert await probe.committed(CLEAN, groups[0]) == before


@pytest.mark.servers
async def test_what_a_lane_passes_over_is_neither_handled_nor_counted(
    settings: ServiceSettings, probe: Probe, group: str, groups: tuple[str, str]
) -> None:
    before = await probe.committed(CLEAN, groups[0])
    counted, handling = attempts(), Handling()

    async with consuming(settings, handling, group):
        await sends_three(probe)

        async def is_behind_both() -> bool:
            ends = [(await probe.committed(CLEAN, each))[PARTITION] for each in groups]
            return ends == [before[PARTITION] + 3] * 2

        await eventually(is_behind_both, "both lanes are behind all three")

    assert sorted(handling.begun) == ["quick-0001", "quick-0002", "slow-0001"]
    assert attempts() == counted + 3


@pytest.mark.servers
@pytest.mark.parametrize("key", [None, b"\xff", b"nobody's"])
async def test_a_record_that_is_for_no_lane_is_the_first_ones(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    groups: tuple[str, str],
    key: bytes | None,
) -> None:
    handling = Handling()

    async with consuming(settings, handling, group):
        await send(probe, batch("foreign"), key=key)
        await send(probe, batch(QUICK), key=QUICK.encode())
        await eventually(
            lambda: sorted(handling.handled) == ["foreign-0001", "quick-0001"],
            "each is handled once",
        )

    assert len(handling.begun) == 2


async def test_lanes_are_left_together_so_that_a_stop_takes_as_long_as_one() -> None:
    left: list[str] = []

    @asynccontextmanager
    async def lane(name: str) -> AsyncIterator[None]:
        yield
        await asyncio.sleep(0.2)  # a handler that has to end
        left.append(name)

    started = time.monotonic()
    async with side_by_side([lane(name) for name in "abcde"]):
        assert left == []

    assert sorted(left) == list("abcde")
    assert time.monotonic() - started < 0.6


async def test_lanes_of_which_one_cannot_begin_are_all_left() -> None:
    left: list[str] = []

    @asynccontextmanager
    async def good() -> AsyncIterator[None]:
        try:
            yield
        finally:
            left.append("good")

    @asynccontextmanager
    async def bad() -> AsyncIterator[None]:
        raise ZeroDivisionError("a bug at the start")
        yield

    with pytest.raises(ExceptionGroup) as raised:
        async with side_by_side([good(), bad()]):
            pytest.fail("it has begun")

    assert raised.group_contains(ZeroDivisionError)
    assert left == ["good"]
