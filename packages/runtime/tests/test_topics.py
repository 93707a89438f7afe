"""The topics on a real broker, and consumers whose topic is not there yet, or anew."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from relevo_contracts import BatchRaw, Envelope, OutageError, Topic
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.topics import create_topics, missing_topics, wait_for_topics
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.servers

RAW = Topic.BATCH_RAW


@asynccontextmanager
async def administration(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def test_topics_have_the_partitions_and_the_configuration_of_the_contracts(
    kafka: str,
) -> None:
    await create_topics(kafka)
    await create_topics(kafka)
    await wait_for_topics(kafka, Topic)

    async with administration(kafka) as admin:
        described = await admin.describe_topics([topic.value for topic in Topic])
        resources = [
            ConfigResource(ConfigResourceType.TOPIC, topic.value) for topic in Topic
        ]
        answers = await admin.describe_configs(resources)
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
    assert partitions == {topic.value: topic.partitions for topic in Topic}
    for answer in answers:
        for _, __, ___, name, entries in answer.resources:
            found = {entry[0]: entry[1] for entry in entries}
            wanted = Topic(name).configuration
            assert {key: found[key] for key in wanted} == wanted


async def test_no_broker_is_an_outage() -> None:
    with pytest.raises(OutageError, match="away"):
        await missing_topics("127.0.0.1:1", [RAW])
    with pytest.raises(OutageError):
        await create_topics("127.0.0.1:1")


async def test_a_consumer_begins_only_when_its_dead_letters_have_a_topic(
    kafka: str, settings: ServiceSettings, probe: Probe, group: str
) -> None:
    async with administration(kafka) as admin:
        await admin.delete_topics([RAW.dead.value])
    await eventually(lambda: is_missing(kafka, RAW.dead), "the topic is gone")

    async with AsyncExitStack() as stack:
        begun = asyncio.create_task(
            stack.enter_async_context(
                consume(
                    settings,
                    service=group,
                    event=BatchRaw,
                    handler=ignore,
                    publisher=RecordingPublisher(),
                )
            )
        )
        finished, _ = await asyncio.wait([begun], timeout=1)
        assert not finished
        await create_topics(kafka)
        await begun


async def test_a_topic_that_was_deleted_and_made_anew_is_read_again(
    kafka: str,
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    batch: Callable[[], BatchRaw],
) -> None:
    await probe.skip_all(RAW, group)
    handled: list[str] = []

    async def handler(event: BatchRaw, envelope: Envelope) -> None:
        handled.append(event.batch_id)

    first, second = batch(), batch()
    async with consume(
        settings,
        service=group,
        event=BatchRaw,
        handler=handler,
        publisher=RecordingPublisher(),
    ):
        await probe.send(first)
        await eventually(lambda: handled == [first.batch_id], "the first is handled")
        async with administration(kafka) as admin:
            await admin.delete_topics([RAW.value])
        await eventually(lambda: is_missing(kafka, RAW), "the topic is gone")
        await create_topics(kafka)
        await probe.send(second)
        await eventually(lambda: second.batch_id in handled, "the new topic is read")


async def ignore(event: BatchRaw, envelope: Envelope) -> None:
    """Nothing to do."""


async def is_missing(kafka: str, topic: Topic) -> bool:
    return bool(await missing_topics(kafka, [topic]))
