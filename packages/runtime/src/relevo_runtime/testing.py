"""For tests against a real broker: looking at it from outside, and waiting with a limit."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError

from relevo_contracts import Envelope, Event, Topic


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], what: str, *, seconds: float = 30.0
) -> None:
    """Return once the condition holds; AssertionError that names `what` after a while."""
    deadline = time.monotonic() + seconds
    while True:
        holds = condition()
        if inspect.isawaitable(holds):
            holds = await holds
        if holds:
            return
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"  # noqa: S101
        await asyncio.sleep(0.02)


class Probe:
    """Reads and writes records and offsets behind the back of whoever is tested."""

    def __init__(self, bootstrap_servers: str, producer: AIOKafkaProducer) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer = producer

    async def send(self, event: Event, cause: str = "test") -> TopicPartition:
        """Publish an event as a service would."""
        envelope = Envelope.of(event, source="test", cause=f"{cause} {event.key}")
        return await self.send_raw(
            event.topic,
            event.model_dump_json().encode(),
            key=event.key.encode(),
            headers=envelope.to_headers(),
        )

    async def send_raw(
        self,
        topic: Topic,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        partition: int | None = None,
    ) -> TopicPartition:
        """Write any record; answers where it went."""
        sent = await self._producer.send_and_wait(
            topic.value, value, key=key, headers=list(headers), partition=partition
        )
        return TopicPartition(sent.topic, sent.partition)

    async def records(self, topic: Topic) -> list[ConsumerRecord]:
        """All records that the topic holds, in each partition's order."""
        async with self._consumer(topic, None) as (consumer, partitions):
            ends = await consumer.end_offsets(partitions)
            found: list[ConsumerRecord] = []
            while any([await consumer.position(tp) < ends[tp] for tp in partitions]):
                batches = await consumer.getmany(timeout_ms=200)
                found += [record for batch in batches.values() for record in batch]
            return found

    async def committed(self, topic: Topic, group: str) -> dict[int, int]:
        """The group's committed offset of each partition that has one."""
        async with self._consumer(topic, group) as (consumer, partitions):
            offsets = {tp.partition: await consumer.committed(tp) for tp in partitions}
            return {number: at for number, at in offsets.items() if at is not None}

    async def skip_all(self, topic: Topic, group: str) -> dict[int, int]:
        """Let the group begin after what the topic holds now; answers those offsets."""
        async with self._consumer(topic, group) as (consumer, partitions):
            ends = await consumer.end_offsets(partitions)

            async def is_committed() -> bool:
                with suppress(CommitFailedError):  # who died is a member still
                    await consumer.commit(ends)
                    return True
                return False

            await eventually(is_committed, f"{group} has members still", seconds=60)
            return {tp.partition: end for tp, end in ends.items()}

    @asynccontextmanager
    async def _consumer(
        self, topic: Topic, group: str | None
    ) -> AsyncIterator[tuple[AIOKafkaConsumer, list[TopicPartition]]]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            numbers = range(topic.partitions)
            partitions = [TopicPartition(topic.value, number) for number in numbers]
            consumer.assign(partitions)
            yield consumer, partitions
        finally:
            await consumer.stop()


@asynccontextmanager
async def open_probe(bootstrap_servers: str) -> AsyncIterator[Probe]:
    """A probe of a broker that is there; raises KafkaError when it is not."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers)
    await producer.start()
    try:
        yield Probe(bootstrap_servers, producer)
    finally:
        await producer.stop()
