"""How a service hears the state of things: all of a compacted topic, without a group."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from relevo_contracts import Envelope, Event, OutageError, PoisonError, Topic
from relevo_contracts.records import Record
from relevo_runtime.kafka.closing import close
from relevo_runtime.kafka.observing import observe
from relevo_runtime.kafka.pausing import Patience
from relevo_runtime.kafka.receiving import Received, receive
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.kafka.topics import METADATA_MAX_AGE_MS, wait_for_topics
from relevo_runtime.metrics import HANDLED
from relevo_runtime.retries import SOON, patiently

E = TypeVar("E", bound=Event)
StateHandler = Callable[[E, Envelope, int], Awaitable[None]]
Attend = Callable[[Record], Awaitable[None]]

CONNECT_SECONDS = 5.0
CATCHING_UP_MS, RESTING_MS = 100, 60_000
"""How long one look waits for records; a record that arrives ends the wait at once."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Following:
    """How far the reader is: caught up when all that stood in the topic is handled."""

    def __init__(self) -> None:
        self._caught_up = asyncio.Event()

    @property
    def caught_up(self) -> bool:
        """True when all that stood in the topic at the start has been handled."""
        return self._caught_up.is_set()

    async def until_caught_up(self) -> None:
        """Wait until then."""
        await self._caught_up.wait()

    def mark_caught_up(self) -> None:
        """Said by the reader."""
        self._caught_up.set()


@asynccontextmanager
async def follow(
    settings: KafkaSettings,
    *,
    service: str,
    event: type[E],
    handler: StateHandler[E],
) -> AsyncIterator[Following]:
    """Handle each event of a topic from its first on; the third argument is its offset.

    Waits for the broker and the topic. An event in an outage is tried until the outage
    is over; poison, and a bug after the last attempt, are logged and left out.
    """
    attend = attending(settings, event, handler)
    await wait_for_topics(settings.kafka_bootstrap_servers, [event.topic])
    consumer, ends = await patiently(
        lambda: connect(settings, service, event.topic),
        what="Kafka",
        longest_delay=SOON,
    )
    following = Following()
    reader = asyncio.create_task(read(consumer, ends, attend, following))
    try:
        yield following
    finally:
        reader.cancel()
        await asyncio.wait([reader], timeout=settings.drain_seconds)
        await close(consumer)


async def read_again(
    settings: KafkaSettings, *, service: str, event: type[E], handler: StateHandler[E]
) -> None:
    """Handle once more each event that stands in the topic now, from the first to the last.

    Raises OutageError without a broker; may wait for ever when it goes away meanwhile:
    the caller sets the limit.
    """
    attend = attending(settings, event, handler)
    consumer, ends = await connect(settings, service, event.topic)
    try:
        while not await is_behind_us(consumer, ends):
            await take(consumer, attend, wait_ms=CATCHING_UP_MS)
    finally:
        await close(consumer)


async def connect(
    settings: KafkaSettings, service: str, topic: Topic
) -> tuple[AIOKafkaConsumer, Mapping[TopicPartition, int]]:
    """A started consumer and the end of each partition; OutageError without a broker."""
    consumer = AIOKafkaConsumer(
        topic.value,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=service,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    try:
        # end_offsets would wait for ever while the broker is away
        async with asyncio.timeout(CONNECT_SECONDS):
            await consumer.start()
            partitions = consumer.partitions_for_topic(topic.value) or set()
            return consumer, await consumer.end_offsets(
                [TopicPartition(topic.value, number) for number in partitions]
            )
    except (KafkaError, OSError, asyncio.CancelledError) as error:
        await close(consumer)
        if isinstance(error, asyncio.CancelledError):
            raise
        raise OutageError(f"Kafka is away: {error!r}") from error


async def read(
    consumer: AIOKafkaConsumer,
    ends: Mapping[TopicPartition, int],
    attend: Attend,
    following: Following,
) -> None:
    """Read for ever; a broker that goes away is waited for by the consumer itself."""
    while True:
        try:
            rest = RESTING_MS if following.caught_up else CATCHING_UP_MS
            await take(consumer, attend, wait_ms=rest)
            if not following.caught_up and await is_behind_us(consumer, ends):
                following.mark_caught_up()
        except Exception as error:  # whatever it is: a reader that ends is never missed
            log.exception("reading again after an error", reason=repr(error))
            await asyncio.sleep(1)


async def take(consumer: AIOKafkaConsumer, attend: Attend, *, wait_ms: int) -> None:
    """Attend to the next records, if any come within the time."""
    batches = await consumer.getmany(timeout_ms=wait_ms)
    for record in (record for batch in batches.values() for record in batch):
        await attend(record)


async def is_behind_us(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]
) -> bool:
    """True when each partition was read to that end."""
    return all([await consumer.position(tp) >= end for tp, end in ends.items()])


def attending(settings: KafkaSettings, event: type[E], handler: StateHandler[E]) -> Attend:
    """What is done with each record."""
    patience = Patience.of(settings)

    async def attend(record: Record) -> None:
        await handle(record, event, handler, patience)

    return attend


async def handle(
    record: Record, event: type[E], handler: StateHandler[E], patience: Patience
) -> None:
    """Give one record to the handler as often as it takes; raises nothing."""
    place = {"topic": record.topic, "offset": record.offset}
    try:
        received = receive(record, event)
        with observe(received.event, received.envelope):
            outcome = await attempt(received, record.offset, handler, patience)
    except PoisonError as error:
        log.warning("left out: it can never be handled", reason=str(error), **place)
        outcome = "poison"
    HANDLED.labels(record.topic, outcome).inc()


async def attempt(
    received: Received[E], offset: int, handler: StateHandler[E], patience: Patience
) -> str:
    """ "handled", or "bug" after the last attempt; raises PoisonError."""

    async def once() -> None:
        try:
            await handler(received.event, received.envelope, offset)
        except ConnectionError as error:
            raise OutageError(repr(error)) from error

    for number in range(1, patience.attempts + 1):
        try:
            await patiently(
                once,
                what=f"what {received.event.topic.value} needs",
                first_delay=patience.first_delay,
                longest_delay=patience.longest_delay,
            )
        except PoisonError:
            raise
        except Exception:
            log.exception("a bug", attempt=number, offset=offset)
            await asyncio.sleep(patience.delay(number))
        else:
            return "handled"
    return "bug"
