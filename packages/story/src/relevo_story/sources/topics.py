"""Reads topics from their start without a consumer group: leaves no trace in Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from relevo_contracts import OutageError, Topic
from relevo_contracts.errors import first_line
from relevo_story.sources.records import Record

CONNECT_SECONDS = 8.0
READ_SECONDS = 30.0


class TopicReader:
    """The records of some partitions, each read from its start on."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def history(self) -> list[Record]:
        """All that stands in the topics now, by the time when it was written.

        Raises TimeoutError when Kafka goes away meanwhile.
        """
        async with asyncio.timeout(READ_SECONDS):
            ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
            records: list[Record] = []
            while await self._is_behind(ends):
                records += await self.more()
        return sorted(records, key=lambda record: record.milliseconds)

    async def more(self, *, wait_ms: int = 500) -> list[Record]:
        """What came since the last call, after at most `wait_ms`."""
        batches = await self._consumer.getmany(timeout_ms=wait_ms)
        found = [to_record(record) for batch in batches.values() for record in batch]
        return sorted(found, key=lambda record: record.milliseconds)

    async def at(self, topic: str, partition: int, offset: int) -> Record | None:
        """One record, or None when nothing lies there (any more)."""
        place = TopicPartition(topic, partition)
        if place not in self._consumer.assignment():
            return None
        async with asyncio.timeout(READ_SECONDS):
            starts = await self._consumer.beginning_offsets([place])
            ends = await self._consumer.end_offsets([place])
            if not starts[place] <= offset < ends[place]:
                return None
            self._consumer.seek(place, offset)
            while True:
                batch = (await self._consumer.getmany(place, timeout_ms=500)).get(place)
                if batch:
                    return to_record(batch[0]) if batch[0].offset == offset else None

    async def _is_behind(self, ends: dict[TopicPartition, int]) -> bool:
        positions = {place: await self._consumer.position(place) for place in ends}
        return any(positions[place] < end for place, end in ends.items())


@asynccontextmanager
async def open_reader(kafka: str, topics: Sequence[str]) -> AsyncIterator[TopicReader]:
    """A reader of the topics' partitions, at their start.

    Raises OutageError when no broker answers there or it has none of the topics.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        client_id="relevo-story",
    )
    try:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                places = await _partitions(kafka, topics)
                await consumer.start()
        except (KafkaError, OSError) as error:  # TimeoutError is one
            raise no_broker(kafka, error) from error
        if not places:
            names = ", ".join(topics)
            raise OutageError(
                f"Kafka at {kafka} has no topic of relevo's (looked for {names})"
            )
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        yield TopicReader(consumer)
    finally:
        await consumer.stop()


async def _partitions(kafka: str, topics: Sequence[str]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, client_id="relevo-story")
    try:
        await admin.start()
        described = await admin.describe_topics([str(topic) for topic in topics])
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


def no_broker(kafka: str, error: BaseException) -> OutageError:
    """What to say when Kafka does not answer."""
    why = first_line(error)
    return OutageError(f"no Kafka answers at {kafka} ({why})")


def dead_topics() -> list[str]:
    """The topics of dead letters."""
    return [topic.value for topic in Topic if topic.is_dead]


async def read_dead_letters(kafka: str) -> list[Record]:
    """Every record of every topic of dead letters, oldest first.

    Raises OutageError when no broker answers there.
    """
    async with open_reader(kafka, dead_topics()) as reader:
        return await reader.history()


def to_record(record: "ConsumerRecord[bytes, bytes]") -> Record:
    """aiokafka's record as ours."""
    return Record(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        milliseconds=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple((name, value or b"") for name, value in record.headers),
    )
