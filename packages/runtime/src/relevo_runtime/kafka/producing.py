"""An idempotent producer that sends nothing twice and recovers from a refused record."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from relevo_contracts import OutageError
from relevo_contracts.topics import DEAD_LETTER_ROOM, MAX_MESSAGE_BYTES
from relevo_runtime.kafka.failures import is_kafka_away
from relevo_runtime.kafka.topics import METADATA_MAX_AGE_MS
from relevo_runtime.retries import SOON, patiently

FLUSH_SECONDS = 2.0
MAX_REQUEST_SIZE = MAX_MESSAGE_BYTES + DEAD_LETTER_ROOM - 1024
"""The largest dead letter, without the head of its record batch."""
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Producing:
    """One producer at a time.

    aiokafka keeps a record that an idempotent producer could not send yet, for as long
    as the broker is away. So a second `send` of the same identity waits for the first
    record instead of adding another. And after the broker has refused one record, such
    a producer can send nothing more to that partition (OutOfOrderSequenceNumber): it is
    replaced.
    """

    def __init__(self, bootstrap_servers: str, *, client_id: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._on_the_way: dict[str, asyncio.Future[object]] = {}
        self._replacing = asyncio.Lock()

    async def start(self) -> None:
        """Connect; waits for the broker."""
        self._producer = await patiently(self._connect, what="Kafka", longest_delay=SOON)

    async def send(
        self,
        identity: str,
        topic: str,
        *,
        key: bytes | None,
        value: bytes,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        """Return when the record is acknowledged; raises KafkaError.

        May wait for ever while the broker is away: the caller sets the limit, and a
        cancelled call leaves the record on its way.
        """
        sent = self._on_the_way.get(identity)
        if sent is None:
            producer = await self._usable()
            sent = await producer.send(topic, value, key=key, headers=list(headers))
            self._on_the_way[identity] = sent
            sent.add_done_callback(partial(self._arrived, identity, producer))
        await asyncio.shield(sent)

    async def stop(self) -> None:
        """Send what is on its way, for a few seconds; then let it go."""
        if self._producer is not None:
            await self._close(self._producer)
            self._producer = None

    async def _usable(self) -> AIOKafkaProducer:
        async with self._replacing:
            if self._producer is None:
                self._producer = await self._connect()
            return self._producer

    async def _connect(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            max_request_size=MAX_REQUEST_SIZE,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
        )
        try:
            await producer.start()
        except (KafkaError, OSError) as error:
            await producer.stop()
            raise OutageError(f"Kafka is away: {error!r}") from error
        return producer

    def _arrived(
        self, identity: str, producer: AIOKafkaProducer, sent: asyncio.Future[object]
    ) -> None:
        self._on_the_way.pop(identity, None)
        error = None if sent.cancelled() else sent.exception()
        if isinstance(error, KafkaError) and not is_kafka_away(error):
            log.warning("the broker refused a record", reason=repr(error))
            if producer is self._producer:
                self._producer = None
                self._closing = asyncio.create_task(self._close(producer))

    async def _close(self, producer: AIOKafkaProducer) -> None:
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await producer.stop()
        except TimeoutError:
            log.warning("stopped with records on their way", count=len(self._on_the_way))
            with suppress(KafkaError):
                await producer.client.close()
