"""How a service tells facts to the others: the port, and its Kafka adapter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiokafka.errors import KafkaError, OutOfOrderSequenceNumber

from relevo_contracts import DeadLetter, Envelope, Event, OutageError, Topic
from relevo_runtime.kafka.failures import is_kafka_away
from relevo_runtime.kafka.producing import Producing
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.metrics import DEAD_LETTERS
from relevo_runtime.telemetry.tracing import telling

Headers = Sequence[tuple[str, bytes]]

MAX_BODY_BYTES = 1_000_000
"""Leaves room for key and headers in what the topics take."""


class EventPublisher(Protocol):
    """Tells facts to the other services.

    Both methods return when all replicas in sync have the message, and raise
    OutageError when they do not answer in time: the same call may be made again, and
    does not send twice what is still on its way.
    """

    async def publish(self, event: Event, envelope: Envelope) -> None:
        """Send the event to its topic under its key; ValueError when it is too large."""

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
    """An EventPublisher over one idempotent producer."""

    def __init__(self, producing: Producing, *, timeout: float) -> None:
        self._producing = producing
        self._timeout = timeout

    async def publish(self, event: Event, envelope: Envelope) -> None:
        body = event.model_dump_json().encode()
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"an event of {len(body)} bytes: large things are objects")
        with telling(event, envelope):
            await self._send(
                f"{event.topic.value} {envelope.id}",
                event.topic,
                key=event.key.encode(),
                value=body,
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
        await self._send(
            f"{topic.dead.value} {letter.partition} {letter.offset} {key!r}",
            topic.dead,
            key=key,
            value=body,
            headers=[*headers, *letter.to_headers()],
        )
        DEAD_LETTERS.labels(topic.value, letter.kind).inc()

    async def _send(
        self,
        identity: str,
        topic: Topic,
        *,
        key: bytes | None,
        value: bytes,
        headers: Headers,
    ) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._producing.send(
                    identity, topic.value, key=key, value=value, headers=headers
                )
        except TimeoutError as error:
            raise OutageError(
                f"Kafka did not take a message for {topic.value!r} "
                f"within {self._timeout:g} s"
            ) from error
        except OutOfOrderSequenceNumber as error:
            # the record is sound: a new producer, which knows of none, sends it again
            raise OutageError("Kafka has lost what this producer had sent") from error
        except KafkaError as error:
            if not is_kafka_away(error):
                raise
            raise OutageError(f"Kafka is away: {error!r}") from error


@asynccontextmanager
async def open_publisher(
    settings: KafkaSettings, *, service: str
) -> AsyncIterator[KafkaPublisher]:
    """The service's publisher; waits until the broker can be reached."""
    producing = Producing(settings.kafka_bootstrap_servers, client_id=service)
    await producing.start()
    try:
        timeout = settings.kafka_publish_timeout_seconds
        yield KafkaPublisher(producing, timeout=timeout)
    finally:
        await producing.stop()
