"""When records were written: reads single records at given offsets."""

import asyncio
from collections.abc import Collection

from aiokafka import AIOKafkaConsumer, TopicPartition

from lag_watcher.lag import Partition, Position, rounds

READING_SECONDS = 2.0
POLL_MS = 200
NO_TIMESTAMP = -1


class TimeReader:
    """A reader that has every partition, and all of them paused but those just asked for.

    So the client keeps knowing where each partition is, which another assignment for
    each look would make it forget.
    """

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    def know(self, partitions: Collection[Partition]) -> None:
        """These are the partitions that there are now."""
        known = {TopicPartition(*partition) for partition in partitions}
        if known != self._consumer.assignment():
            self._consumer.assign(known)
            self._consumer.pause(*known)

    async def read(self, positions: Collection[Position]) -> dict[Position, float]:
        """The Unix time of the first record at or after each position.

        One that has none, or does not come within READING_SECONDS, is left out.
        """
        found: dict[Position, float] = {}
        for together in rounds(positions):
            found |= await self._read_once_each(together)
        return found

    async def _read_once_each(self, offsets: dict[Partition, int]) -> dict[Position, float]:
        missing = {TopicPartition(*partition): at for partition, at in offsets.items()}
        for tp, offset in missing.items():
            self._consumer.seek(tp, offset)
            self._consumer.resume(tp)
        found: dict[Position, float] = {}
        deadline = asyncio.get_running_loop().time() + READING_SECONDS
        while missing and asyncio.get_running_loop().time() < deadline:
            batches = await self._consumer.getmany(*missing, timeout_ms=POLL_MS)
            for tp, records in batches.items():
                self._consumer.pause(tp)
                position = Position(Partition(*tp), missing.pop(tp))
                if records[0].timestamp != NO_TIMESTAMP:
                    found[position] = records[0].timestamp / 1000
        self._consumer.pause(*missing)
        return found
