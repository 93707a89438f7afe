"""How a service tells facts to the others: the port, and its Kafka adapter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from relevo_contracts import DeadLetter, Envelope, Event, OutageError, Topic
from relevo_runtime.metrics import DEAD_LETTERS
from relevo_runtime.settings import ServiceSettings

Headers = Sequence[tuple[str, bytes]]


class EventPublisher(Protocol):
    """Tells facts to the other services.

    Both methods return when all replicas in sync have the message, and raise
    OutageError when they do not answer in time: the same call may be made again.
    """

    async def publish(self, event: Event, envelope: Envelope) -> None:
        """Send the event to its topic under its key."""

    async def bury(
        self,
        letter: DeadLetter,
        *,
        topic: Topic,
        key: bytes | None,
        body: bytes,
        headers: Headers = (),
    ) -> None:
        """Send a message that cannot be handled to the dead letters of `topic`."""


class KafkaPublisher:
    """An EventPublisher over an idempotent producer."""

    def __init__(self, producer: AIOKafkaProducer, *, timeout: float) -> None:
        self._producer = producer
        self._timeout = timeout

    async def publish(self, event: Event, envelope: Envelope) -> None:
        await self._send(
            event.topic,
            key=event.key.encode(),
            value=event.model_dump_json().encode(),
            headers=envelope.to_headers(),
        )

    async def bury(
        self,
        letter: DeadLetter,
        *,
        topic: Topic,
        key: bytes | None,
        body: bytes,
        headers: Headers = (),
    ) -> None:
        headers = [*headers, *letter.to_headers()]
        await self._send(topic.dead, key=key, value=body, headers=headers)
        DEAD_LETTERS.labels(topic.value, letter.kind).inc()

    async def _send(
        self, topic: Topic, *, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._producer.send_and_wait(
                    topic.value, value, key=key, headers=list(headers)
                )
        except TimeoutError as error:
            raise OutageError(
                f"Kafka did not take a message for {topic.value!r} "
                f"within {self._timeout:g} s"
            ) from error
        except (KafkaError, ConnectionError) as error:
            if isinstance(error, KafkaError) and not error.retriable:
                raise
            raise OutageError(f"Kafka is away: {error!r}") from error


@asynccontextmanager
async def open_publisher(
    settings: ServiceSettings, *, service: str
) -> AsyncIterator[KafkaPublisher]:
    """A publisher of the service; waits until the broker can be reached."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=service,
        acks="all",
        enable_idempotence=True,
    )
    await producer.start()
    try:
        yield KafkaPublisher(producer, timeout=settings.kafka_publish_timeout_seconds)
    finally:
        await producer.stop()
