"""The topics on a real broker, and consumers whose topic is not there yet, or anew."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from relevo_contracts import BatchRaw, Envelope, OutageError, Topic
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.http.life import lifespan
from relevo_runtime.http.readiness import Readiness
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.declared import administration, configuration_of, keep_declared
from relevo_runtime.kafka.topics import (
    create_topics,
    missing_topics,
    reconciled,
    wait_for_topics,
)
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.servers

RAW, SERVED = Topic.BATCH_RAW, Topic.MODEL_SERVED


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


async def configured(kafka: str, topic: Topic, name: str) -> str | None:
    async with administration(kafka) as admin:
        values, _ = await configuration_of(admin, topic)
    return values.get(name)


async def test_an_older_installations_retention_is_mended_and_what_else_was_set_stays(
    kafka: str, probe: Probe
) -> None:
    week = {"retention.ms": "604800000", "cleanup.policy": "compact", "segment.ms": "7777"}
    async with administration(kafka) as admin:
        resource = ConfigResource(ConfigResourceType.TOPIC, RAW.value, week)
        await admin.alter_configs([resource])

    mended = [thing async for thing in keep_declared(kafka, [RAW])]

    assert len(mended) == 1
    assert "retention.ms was 604800000, is -1" in mended[0]
    assert "cleanup.policy was compact, is delete" in mended[0]
    assert await configured(kafka, RAW, "retention.ms") == "-1"
    assert await configured(kafka, RAW, "segment.ms") == "7777"
    assert [thing async for thing in keep_declared(kafka, [RAW])] == []


async def test_a_topic_that_is_missing_is_made(kafka: str, probe: Probe) -> None:
    async with administration(kafka) as admin:
        await admin.delete_topics([SERVED.value])
    await eventually(lambda: is_missing(kafka, SERVED), "the topic is gone")

    mended = [thing async for thing in keep_declared(kafka, [SERVED, RAW])]

    assert mended == ["model.served was missing"]
    await wait_for_topics(kafka, [SERVED])


@pytest.mark.parametrize(
    ("count", "command"),
    [
        (7, "relevo kafka topics --delete --topic batch.raw, and start again"),
        (2, "relevo kafka topics --alter --topic batch.raw --partitions 6"),
    ],
)
async def test_a_wrong_number_of_partitions_ends_a_start_with_the_command_that_mends_it(
    kafka: str,
    settings: ServiceSettings,
    probe: Probe,
    caplog: pytest.LogCaptureFixture,
    count: int,
    command: str,
) -> None:
    async with administration(kafka) as admin:
        await admin.delete_topics([RAW.value])
        await eventually(lambda: is_missing(kafka, RAW), "the topic is gone")
        await admin.create_topics([NewTopic(RAW.value, count, 1)])
    await wait_for_topics(kafka, [RAW])
    ended = asyncio.Event()

    def running() -> AbstractAsyncContextManager[None]:
        return reconciled(settings, topics=[RAW], every=3600)

    try:
        living = lifespan(running, Readiness(), on_failure=ended.set)
        async with living(None), asyncio.timeout(20):
            await ended.wait()
    finally:
        async with administration(kafka) as admin:
            await admin.delete_topics([RAW.value])
        await eventually(lambda: is_missing(kafka, RAW), "the topic is gone")
        await create_topics(kafka)

    (line,) = [each for each in caplog.records if each.levelname == "CRITICAL"]
    reason = line.reason  # type: ignore[attr-defined]
    assert f"batch.raw has {count} partitions, not 6" in reason
    assert command in reason
    assert not line.exc_info


async def ignore(event: BatchRaw, envelope: Envelope) -> None:
    """Nothing to do."""


async def is_missing(kafka: str, topic: Topic) -> bool:
    return bool(await missing_topics(kafka, [topic]))
