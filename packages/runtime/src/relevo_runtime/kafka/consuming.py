"""How a service hears facts: as one of a group that shares the work."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, cast

from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.subscriber.usecase import LogicSubscriber
from faststream.message import StreamMessage

from relevo_contracts import Envelope, Event, OutageError, Topic
from relevo_contracts.lanes import Takes
from relevo_runtime.kafka.closing import close
from relevo_runtime.kafka.delivery import Delivery
from relevo_runtime.kafka.draining import Draining
from relevo_runtime.kafka.failures import Failure
from relevo_runtime.kafka.following import Following, follow
from relevo_runtime.kafka.pausing import Patience
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.receiving import Received, receive
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.kafka.topics import METADATA_MAX_AGE_MS, wait_for_topics
from relevo_runtime.kafka.watching import DeliveryMiddleware
from relevo_runtime.metrics import DEAD_LETTERS, HANDLED, PAUSED
from relevo_runtime.retries import SOON, patiently

__all__ = ["Following", "Handler", "consume", "follow"]

E = TypeVar("E", bound=Event)
Handler = Callable[[E, Envelope], Awaitable[None]]

DAY_MS = 24 * 60 * 60 * 1000
END_SECONDS = 2.0


def whatever(_: bytes | None) -> bool:
    """Takes every key."""
    return True


@asynccontextmanager
async def consume(
    settings: KafkaSettings,
    *,
    service: str,
    event: type[E],
    handler: Handler[E],
    publisher: EventPublisher,
    group: str | None = None,
    takes: Takes = whatever,
) -> AsyncIterator[None]:
    """Handle each event of a topic at least once, as a member of the group.

    group: the service's own unless one is given; a service that is in several groups hears
    a topic in as many lanes, and none waits for another. takes: of which keys the records
    are handled; the others are passed over, which is a commit and nothing else.

    Waits for the broker, the topic and its dead letters. One message at a time; what
    becomes of those that fail is written in `relevo_runtime.kafka.delivery`. At the end the
    running handler has `drain_seconds`; what it did not finish comes again.
    """
    group = group or service
    begin_counting(event.topic)
    await wait_for_topics(settings.kafka_bootstrap_servers, [event.topic, event.topic.dead])
    delivery = Delivery(service, publisher, Patience.of(settings), group=group, takes=takes)

    async def start() -> KafkaBroker:
        broker = build_broker(settings, event, handler, delivery)
        try:
            await broker.start()
        except (KafkaError, OSError) as error:
            await stop(broker)
            raise OutageError(f"Kafka is away: {error!r}") from error
        return broker

    broker = await patiently(start, what="Kafka", longest_delay=SOON)
    try:
        yield
    finally:
        await stop(broker)
        # FastStream cancels a handler that took too long, but does not wait for its end.
        await delivery.rest(END_SECONDS)
        delivery.pausing.keep(())


def build_broker(
    settings: KafkaSettings,
    event: type[E],
    handler: Handler[E],
    delivery: Delivery,
) -> KafkaBroker:
    """A FastStream broker with one subscriber; it does not publish and creates nothing."""
    broker = KafkaBroker(
        settings.kafka_bootstrap_servers,
        client_id=delivery.service,
        consumer_only=True,
        allow_auto_create_topics=False,
        apply_types=False,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        graceful_timeout=settings.drain_seconds,
        middlewares=[partial(DeliveryMiddleware, delivery=delivery)],
        logger=errors_only(),
    )
    session_ms = int(settings.kafka_session_timeout_seconds * 1000)

    @broker.subscriber(
        event.topic.value,
        group_id=delivery.group,
        group_instance_id=settings.kafka_group_instance_id,
        ack_policy=AckPolicy.MANUAL,  # Delivery commits
        auto_offset_reset="earliest",
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // 10,
        rebalance_timeout_ms=int(settings.drain_seconds * 1000) + 3 * session_ms,
        max_poll_interval_ms=DAY_MS,  # a handler may take as long as it likes
        listener=Draining(delivery, seconds=settings.drain_seconds),
        parser=keep_record,
        decoder=decoder_of(event),
    )
    async def handle(received: Received[E]) -> None:
        await handler(received.event, received.envelope)

    return broker


def begin_counting(topic: Topic) -> None:
    """With 0: a counter that appears with 1 shows no increase."""
    for outcome in ("handled", *Failure):
        HANDLED.labels(topic.value, outcome)
    for kind in ("poison", "bug"):
        DEAD_LETTERS.labels(topic.value, kind)
    PAUSED.labels(topic.value)


async def stop(broker: KafkaBroker) -> None:
    """Let the running handler end within the broker's time, and leave the group."""
    subscribers = cast(Sequence[LogicSubscriber[Any]], broker.subscribers)
    consumers = [subscriber.consumer for subscriber in subscribers]
    await broker.stop()
    for consumer in consumers:
        if consumer is not None:
            await close(consumer)


async def keep_record(
    record: Any, parse: Callable[[Any], Awaitable[KafkaMessage]]
) -> KafkaMessage:
    """FastStream's message without its headers, which it expects to be UTF-8 text."""
    message = await parse(replace(record, headers=()))
    message.raw_message = record
    return message


def decoder_of(
    event: type[E],
) -> Callable[[StreamMessage[Any]], Awaitable[Received[E]]]:
    """What reads the event of a message; raises PoisonError."""

    async def decode(message: StreamMessage[Any]) -> Received[E]:
        return receive(message.raw_message, event)

    return decode


def errors_only() -> logging.Logger:
    """FastStream's logger without its two lines for each message."""
    logger = logging.getLogger("faststream.kafka")
    logger.setLevel(logging.ERROR)
    return logger
