"""Dead letters in Kafka; how they are read is the caller's, who reads Kafka already."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_operations.letter_box import Record

CLIENT = "relevo-operations"
SECONDS = 10.0


class KafkaLetterBox:
    """LetterBox at a Kafka's address, connected for each call; `read` is given it."""

    def __init__(
        self, kafka: str, read: Callable[[str], Awaitable[Sequence[Record]]]
    ) -> None:
        self._kafka = kafka
        self._read = read

    async def records(self) -> Sequence[Record]:
        """Every record of every topic of dead letters, oldest first."""
        return await self._read(self._kafka)

    async def send(
        self,
        topic: str,
        *,
        key: bytes | None,
        body: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> tuple[int, int]:
        """Send a message; answers its partition and offset."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka, acks="all", client_id=CLIENT
        )
        try:
            async with self._patiently():
                await producer.start()
                sent = await producer.send_and_wait(
                    topic, body, key=key, headers=list(headers)
                )
        finally:
            await producer.stop()
        return sent.partition, sent.offset

    async def committed(self, topic: str) -> Mapping[str, Mapping[int, int]]:
        """By consumer group and partition: the offset of the next message it takes."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._kafka, client_id=CLIENT)
        found: dict[str, dict[int, int]] = {}
        try:
            async with self._patiently():
                await admin.start()
                for group, _ in await admin.list_consumer_groups():
                    offsets = await admin.list_consumer_group_offsets(group)
                    found[group] = {
                        place.partition: at.offset
                        for place, at in offsets.items()
                        if place.topic == topic and at.offset >= 0
                    }
        finally:
            await admin.close()
        return found

    @asynccontextmanager
    async def _patiently(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(SECONDS):
                yield
        except (KafkaError, OSError) as error:  # TimeoutError is one
            why = first_line(error)
            raise OutageError(f"no Kafka answers at {self._kafka} ({why})") from error
