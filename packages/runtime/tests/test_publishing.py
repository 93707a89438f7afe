"""What arrives on a real broker of what is published and buried."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from relevo_contracts import BatchRaw, DeadLetter, Envelope, Topic
from relevo_runtime.kafka.publisher import KafkaPublisher, open_publisher
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe

pytestmark = pytest.mark.servers

RAW = Topic.BATCH_RAW
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def publisher(settings: ServiceSettings, group: str) -> AsyncIterator[KafkaPublisher]:
    async with open_publisher(settings, service=group) as opened:
        yield opened


def letter(offset: int, reason: str = "a test") -> DeadLetter:
    return DeadLetter(
        reason=reason,
        stage="parse",
        service="cleaner",
        topic=RAW,
        partition=0,
        offset=offset,
        time=NOW,
    )


async def test_an_event_arrives_with_its_key_its_attributes_and_a_readable_body(
    publisher: KafkaPublisher, probe: Probe, batch: Callable[[], BatchRaw]
) -> None:
    event = batch()
    envelope = Envelope.of(event, source="ingestor", cause="test")

    await publisher.publish(event, envelope)

    (record,) = [
        record
        for record in await probe.records(RAW)
        if record.key == event.batch_id.encode()
    ]
    assert BatchRaw.model_validate_json(record.value) == event
    assert list(record.headers) == envelope.to_headers()
    assert Envelope.from_headers(record.headers) == envelope


async def test_a_dead_letter_keeps_the_message_byte_for_byte_and_says_why(
    publisher: KafkaPublisher, probe: Probe, group: str
) -> None:
    key, body = group.encode(), b"\x00\xff not JSON"
    headers = [("ce_id", b"\xff\xfe"), ("traceparent", b"00-a-b-01")]

    await publisher.bury(letter(7), topic=RAW, key=key, body=body, headers=headers)

    (record,) = [record for record in await probe.records(RAW.dead) if record.key == key]
    assert record.value == body
    assert list(record.headers[:2]) == headers
    assert DeadLetter.from_headers(record.headers) == letter(7)


async def test_the_largest_message_of_a_topic_fits_into_its_dead_letters(
    publisher: KafkaPublisher, probe: Probe, group: str
) -> None:
    key = group.encode()
    overhead = 100 + len(key)  # of a record batch with one record
    body = b"x" * (RAW.max_message_bytes - overhead)
    await probe.send_raw(RAW, body, key=key)
    with pytest.raises(KafkaError):
        await probe.send_raw(RAW, body + b"x" * overhead, key=key)

    await publisher.bury(letter(1, reason="ü" * 1000), topic=RAW, key=key, body=body)

    assert key in [record.key for record in await probe.records(RAW.dead)]


async def test_an_event_that_should_have_been_an_object_is_refused_here(
    publisher: KafkaPublisher, batch: Callable[[], BatchRaw]
) -> None:
    huge = batch().model_copy(update={"source_url": "x" * 1_000_001})

    with pytest.raises(ValueError, match="large things are objects"):
        await publisher.publish(huge, Envelope.of(huge, source="test", cause="huge"))


async def test_after_the_broker_refused_a_record_the_next_ones_arrive(
    publisher: KafkaPublisher,
    probe: Probe,
    settings: ServiceSettings,
    batch: Callable[[], BatchRaw],
) -> None:
    """An idempotent producer alone answers OutOfOrderSequenceNumber for ever after."""
    long = batch().model_copy(update={"source_url": "x" * 5000})
    short = long.model_copy(update={"source_url": "x"})  # the same partition
    await publisher.publish(short, Envelope.of(short, source="test", cause="before"))

    await limit(settings, RAW, 2000)
    try:
        with pytest.raises(KafkaError):
            await publisher.publish(long, Envelope.of(long, source="test", cause="long"))
        for number in range(3):
            envelope = Envelope.of(short, source="test", cause=f"after {number}")
            await publisher.publish(short, envelope)
    finally:
        await limit(settings, RAW, RAW.max_message_bytes)

    keys = [record.key for record in await probe.records(RAW)]
    assert keys.count(short.batch_id.encode()) == 4


async def limit(settings: ServiceSettings, topic: Topic, size: int) -> None:
    """Let the broker take messages up to this size only."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        configuration = topic.configuration | {"max.message.bytes": str(size)}
        await admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, topic.value, configuration)]
        )
    finally:
        await admin.close()
