"""A partition that waits before its message is read again."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError

from relevo_runtime.kafka.failures import Failure
from relevo_runtime.kafka.pausing import Patience, Pausing
from relevo_runtime.metrics import OUTAGE_SINCE
from relevo_runtime.testing import eventually

P0, P1 = TopicPartition("test.pausing", 0), TopicPartition("test.pausing", 1)


@dataclass
class FakeConsumer:
    """The part of an aiokafka consumer that pausing needs."""

    assigned: set[TopicPartition] = field(default_factory=lambda: {P0, P1})
    paused: set[TopicPartition] = field(default_factory=set)
    positions: dict[TopicPartition, int] = field(default_factory=dict)

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    def pause(self, partition: TopicPartition) -> None:
        self.paused.add(partition)

    def resume(self, partition: TopicPartition) -> None:
        if partition not in self.assigned:
            raise IllegalStateError("not assigned")
        self.paused.discard(partition)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset


@pytest.fixture
def pausing() -> Iterator[Pausing]:
    pausing = Pausing(Patience(attempts=3, first_delay=0.01, longest_delay=0.05), "group")
    yield pausing
    pausing.keep(())


def waiting_since(partition: TopicPartition) -> float | None:
    for metric in OUTAGE_SINCE.collect():
        for sample in metric.samples:
            labels = sample.labels
            if (labels["topic"], labels["partition"]) == (
                partition.topic,
                str(partition.partition),
            ):
                return sample.value
    return None


def test_the_delay_doubles_up_to_the_longest() -> None:
    patience = Patience(first_delay=0.2, longest_delay=15)

    assert [patience.delay(n) for n in (1, 2, 3, 8, 10_000)] == [0.2, 0.4, 0.8, 15, 15]


async def test_a_partition_is_paused_at_its_message_and_goes_on_by_itself(
    pausing: Pausing,
) -> None:
    consumer = FakeConsumer()

    trouble = pausing.failed(P0, 7, Failure.OUTAGE)
    delay = pausing.read_again(consumer, P0, trouble)

    assert delay == 0.01
    assert consumer.paused == {P0}
    assert consumer.positions == {P0: 7}
    await eventually(lambda: consumer.paused == set(), "the partition goes on")


async def test_failures_are_counted_for_one_message_only(pausing: Pausing) -> None:
    pausing.failed(P0, 7, Failure.BUG)
    assert pausing.failed(P0, 7, Failure.BUG).bugs == 2
    assert pausing.failed(P1, 7, Failure.BUG).bugs == 1
    assert pausing.failed(P0, 8, Failure.BUG).bugs == 1

    pausing.over(P0)

    assert pausing.failed(P0, 8, Failure.BUG).bugs == 1


async def test_the_gauge_tells_since_when_and_goes_with_the_outage(
    pausing: Pausing,
) -> None:
    pausing.failed(P0, 7, Failure.OUTAGE)
    since = waiting_since(P0)
    pausing.failed(P0, 7, Failure.OUTAGE)
    assert since
    assert waiting_since(P0) == since

    pausing.over(P0)

    assert waiting_since(P0) is None


async def test_the_gauge_of_a_partition_that_moved_away_goes_with_it(
    pausing: Pausing,
) -> None:
    pausing.failed(P0, 7, Failure.OUTAGE)
    pausing.failed(P1, 3, Failure.OUTAGE)

    pausing.keep({P1})

    assert waiting_since(P0) is None
    assert waiting_since(P1)


async def test_a_partition_that_is_no_longer_ours_is_left_alone(pausing: Pausing) -> None:
    consumer = FakeConsumer(assigned={P1})

    trouble = pausing.failed(P0, 7, Failure.OUTAGE)
    pausing.read_again(consumer, P0, trouble)

    assert consumer.paused == set()
    assert consumer.positions == {}
    assert waiting_since(P0) is None
