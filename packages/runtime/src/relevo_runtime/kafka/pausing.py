"""Reading a message again, later: its partition is paused, the others go on."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError

from relevo_runtime.kafka.failures import Failure
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.metrics import OUTAGE_SINCE, PAUSED


@dataclass(frozen=True)
class Patience:
    """How often a bug is tried, and how long a message rests between two attempts."""

    attempts: int = 3
    first_delay: float = 0.2
    longest_delay: float = 5.0

    @classmethod
    def of(cls, settings: KafkaSettings) -> Self:
        return cls(
            settings.delivery_attempts,
            settings.delivery_first_delay_seconds,
            settings.delivery_longest_delay_seconds,
        )

    def delay(self, failures: int) -> float:
        """Seconds before the next attempt: doubles with each failure up to the longest."""
        doublings = min(failures - 1, 20)
        return min(self.first_delay * float(1 << doublings), self.longest_delay)


@dataclass
class Trouble:
    """How the message at `offset` has failed so far."""

    offset: int
    bugs: int = 0
    outages: int = 0
    since: float | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass
class Pausing:
    """The troubles of the partitions that one consumer has.

    They live in memory: after a restart or when a partition moves, counting starts anew.
    """

    patience: Patience
    group: str
    _troubles: dict[TopicPartition, Trouble] = field(default_factory=dict)

    def failed(self, partition: TopicPartition, offset: int, failure: Failure) -> Trouble:
        """Count a failure of the message at `offset`; answers all that it had so far."""
        trouble = self._troubles.get(partition)
        if trouble is None or trouble.offset != offset:
            self.over(partition)
            trouble = self._troubles[partition] = Trouble(offset)
        if failure is Failure.OUTAGE:
            trouble.outages += 1
            trouble.since = trouble.since or time.time()
            OUTAGE_SINCE.labels(self.group, *partition).set(trouble.since)
        else:
            trouble.bugs += 1
        return trouble

    def read_again(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, trouble: Trouble
    ) -> float:
        """Pause the partition, and let it go on with the same message after a while.

        Answers after how many seconds. A partition that has moved away is let go.
        """
        if partition not in consumer.assignment():
            self.over(partition)
            return 0.0
        delay = self.patience.delay(trouble.bugs + trouble.outages)
        consumer.pause(partition)
        consumer.seek(partition, trouble.offset)
        if trouble.timer is not None:
            trouble.timer.cancel()
        loop = asyncio.get_running_loop()
        trouble.timer = loop.call_later(delay, resume, consumer, partition)
        PAUSED.labels(partition.topic).inc(delay)
        return delay

    def over(self, partition: TopicPartition) -> Trouble | None:
        """The partition's message is done with, or the partition is no longer ours."""
        trouble = self._troubles.pop(partition, None)
        if trouble is not None and trouble.timer is not None:
            trouble.timer.cancel()
        with suppress(KeyError):
            OUTAGE_SINCE.remove(self.group, *partition)
        return trouble

    def keep(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget the troubles of all other partitions."""
        for partition in set(self._troubles) - set(partitions):
            self.over(partition)


def resume(consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
    """Let the partition be read, if it is still ours."""
    with suppress(IllegalStateError):
        consumer.resume(partition)
