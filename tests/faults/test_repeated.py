"""Events that come twice, late, in another order, and to a service that slept meanwhile."""

import asyncio
import time

import psutil
import pytest
from aiokafka import ConsumerRecord

from relevo_contracts import Topic
from relevo_runtime.testing import open_probe
from tests.faults.line import Line, Lines
from tests.faults.platform import Faulty
from tests.faults.seeing import progress_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]
DATASETS = ("repeated",)
PATIENCE = 90.0
ASLEEP_SECONDS = 14.0
"""Longer than its group waits for a member."""


async def tell_again(faulty: Faulty, line: Line, topic: Topic, place: int) -> None:
    """Send what the topic said of the dataset at that place three times more."""
    async with open_probe(faulty.addresses.kafka) as probe:
        told = [r for r in await probe.records(topic) if is_about(r, line.dataset)]
        record = sorted(told, key=lambda r: r.timestamp)[place]
        for _ in range(3):
            await probe.send_raw(
                topic, record.value, key=record.key, headers=record.headers
            )


def is_about(record: ConsumerRecord, dataset: str) -> bool:
    return f'"{dataset}"'.encode() in (record.value or b"")


def at_least(lines: Lines, batches: int) -> Line:
    """The line when that many of its batches have been through."""
    line = lines("repeated")
    while len(line.offered) < batches:
        line.offer()
    line.until_quiet(seconds=PATIENCE)
    return line


@pytest.mark.parametrize("topic", [topic for topic in Topic if not topic.is_dead])
def test_what_is_told_again_changes_nothing(
    faulty: Faulty, lines: Lines, topic: Topic
) -> None:
    line = at_least(lines, 2)

    asyncio.run(tell_again(faulty, line, topic, place=-1))
    line.offer()

    line.until_quiet(seconds=PATIENCE)
    line.assert_once()


@pytest.mark.parametrize(
    "topic", [Topic.BATCH_RAW, Topic.BATCH_CLEAN, Topic.MODEL_PROMOTED, Topic.MODEL_SERVED]
)
def test_what_is_told_late_changes_nothing(
    faulty: Faulty, lines: Lines, topic: Topic
) -> None:
    line = at_least(lines, 3)

    asyncio.run(tell_again(faulty, line, topic, place=0))

    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        progress = asyncio.run(progress_of(faulty.addresses, line.dataset))
        assert set(progress.served.values()) == {progress.alias}
    line.until_quiet(seconds=PATIENCE)
    line.assert_once()


def test_a_batch_that_comes_after_a_later_one_has_its_verdict_too(
    faulty: Faulty, lines: Lines
) -> None:
    line = at_least(lines, 2)
    newest = max(line.offered)
    line.offer(number=newest + 2)
    line.until_quiet(seconds=PATIENCE)

    line.offer(number=newest + 1)

    line.until_quiet(seconds=PATIENCE)
    line.assert_once()


@pytest.mark.parametrize(
    "service", ["ingestor", "cleaner", "trainer", "registry-watcher", "pod-1"]
)
def test_who_slept_catches_up(faulty: Faulty, lines: Lines, service: str) -> None:
    line = at_least(lines, 1)
    sleeping = faulty.family(service)
    for process in sleeping:
        process.suspend()
    line.offer()
    time.sleep(ASLEEP_SECONDS)
    wake(sleeping)

    line.until_quiet(seconds=PATIENCE)
    line.assert_once()


def wake(processes: list[psutil.Process]) -> None:
    """Those that are there still."""
    for process in processes:
        if process.is_running():
            process.resume()
