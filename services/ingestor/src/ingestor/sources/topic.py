"""The records of a Kafka topic, read without a group: the catalog knows how far we are."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from ingestor.sources.stream import StreamRecord
from relevo_contracts import OutageError

ANSWER_SECONDS = 15.0
READ_SECONDS = 120.0
PAUSE_SECONDS = 0.05
LOOK_MS = 500
AT_ONCE = 2_000


class KafkaStream:
    """Stream over a consumer that connects at the first question, and after an outage."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._consumer: AIOKafkaConsumer | None = None
        self.address = f"kafka://{bootstrap_servers.split(',')[0]}/{topic}"

    async def bounds(self) -> Mapping[int, tuple[int, int]]:
        async with self._reached(ANSWER_SECONDS) as consumer:
            numbers = await self._partitions(consumer)
            first = await consumer.beginning_offsets(numbers)
            last = await consumer.end_offsets(numbers)
            return {each.partition: (first[each], last[each]) for each in numbers}

    async def records(
        self, begin: Mapping[int, int], end: Mapping[int, int], *, most: int, max_bytes: int
    ) -> Mapping[int, list[StreamRecord]]:
        found: dict[int, list[StreamRecord]] = {number: [] for number in begin}
        size = 0
        async with self._reached(READ_SECONDS) as consumer:
            wanted = {TopicPartition(self._topic, n) for n in begin if begin[n] < end[n]}
            consumer.assign(list(wanted))
            for each in wanted:
                consumer.seek(each, begin[each.partition])
            while wanted and size <= max_bytes:
                batches = await consumer.getmany(
                    *wanted, timeout_ms=LOOK_MS, max_records=AT_ONCE
                )
                for record in (record for batch in batches.values() for record in batch):
                    records = found[record.partition]
                    if record.offset < end[record.partition] and len(records) < most:
                        records.append(_read(record))
                        size += len(record.value or b"")
                for each in list(wanted):
                    is_read = await consumer.position(each) >= end[each.partition]
                    if is_read or len(found[each.partition]) >= most:
                        wanted.discard(each)
        return found

    async def close(self) -> None:
        """Hang up."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        if self._topic not in await consumer.topics():
            raise OutageError(f"Kafka has no topic {self._topic!r}: make it")
        if not consumer.assignment():  # so that it asks for the topic's partitions
            consumer.assign([TopicPartition(self._topic, 0)])
        while not (numbers := consumer.partitions_for_topic(self._topic)):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)  # it tells nobody when it knows
        return [TopicPartition(self._topic, number) for number in sorted(numbers)]

    @asynccontextmanager
    async def _reached(self, seconds: float) -> AsyncIterator[AIOKafkaConsumer]:
        is_done = False
        try:
            async with asyncio.timeout(seconds):
                yield await self._connected()
            is_done = True
        except (KafkaError, OSError, TimeoutError) as error:
            raise OutageError(f"Kafka is away: {error!r}") from error
        finally:
            if not is_done:
                await self.close()

    async def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            self._consumer = AIOKafkaConsumer(
                bootstrap_servers=self._bootstrap_servers,
                client_id="ingestor-source",
                enable_auto_commit=False,
                auto_offset_reset="none",  # to jump anywhere would lose rows
                isolation_level="read_committed",
            )
            await self._consumer.start()
        return self._consumer


def _read(record: ConsumerRecord) -> StreamRecord:
    written_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return StreamRecord(record.partition, record.offset, written_at, record.value)


@asynccontextmanager
async def open_stream(bootstrap_servers: str, topic: str) -> AsyncIterator[KafkaStream]:
    """The topic's records; opened without asking whether Kafka is there."""
    stream = KafkaStream(bootstrap_servers, topic)
    try:
        yield stream
    finally:
        await stream.close()
