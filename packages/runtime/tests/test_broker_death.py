"""The broker is away, or is killed and comes back: nothing is lost, work goes on."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from relevo_contracts import BatchRaw, Envelope, ModelPromoted, OutageError, Topic
from relevo_local.places.ports import free_ports
from relevo_local.servers import Kafka
from relevo_local.supervising.child import Child
from relevo_local.supervising.programs import Command
from relevo_runtime.kafka.consuming import consume, follow
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.retries import waits
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import eventually, open_probe

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

RAW, PROMOTED = Topic.BATCH_RAW, Topic.MODEL_PROMOTED
EVENTS = 60


class Broker:
    """A Kafka that can be killed; its processes are children of this one."""

    def __init__(self, program: Kafka) -> None:
        self.program = program
        self.child: Child | None = None

    async def start(self) -> None:
        *tools, command = self.program.prepare()
        for tool in tools:
            assert await asyncio.to_thread(self._spawn(tool).wait, 60) == 0
        self.child = self._spawn(command)
        await eventually(
            lambda: asyncio.to_thread(self.program.is_ready), "Kafka answers", seconds=60
        )

    def kill(self) -> None:
        assert self.child
        os.kill(self.child.pid, signal.SIGKILL)
        self.child.wait(5)

    def _spawn(self, command: Command) -> Child:
        return Child(command, self.program.folder / "kafka.log")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of this test's own; it is not started."""
    port, controller_port = free_ports(2)
    broker = Broker(Kafka(tmp_path, port, controller_port))
    yield broker
    if broker.child:
        broker.child.stop()


@pytest.fixture
def settings(broker: Broker) -> ServiceSettings:
    return ServiceSettings(
        kafka_bootstrap_servers=broker.program.bootstrap_servers,
        kafka_session_timeout_seconds=6,
        kafka_publish_timeout_seconds=1,
        delivery_first_delay_seconds=0.1,
        delivery_longest_delay_seconds=0.5,
        drain_seconds=3,
    )


async def test_a_service_waits_for_a_broker_and_topics_that_are_not_there_yet(
    broker: Broker,
    settings: ServiceSettings,
    group: str,
    batch: Callable[[], BatchRaw],
    promotion: Callable[[str], ModelPromoted],
) -> None:
    batches, promotions = list[BatchRaw](), list[ModelPromoted]()

    async def on_batch(event: BatchRaw, _: Envelope) -> None:
        batches.append(event)

    async def on_promotion(event: ModelPromoted, _: Envelope, __: int) -> None:
        promotions.append(event)

    async def begin(stack: AsyncExitStack) -> None:
        publisher = await stack.enter_async_context(open_publisher(settings, service=group))
        await stack.enter_async_context(
            consume(
                settings,
                service=group,
                event=BatchRaw,
                handler=on_batch,
                publisher=publisher,
            )
        )
        await stack.enter_async_context(
            follow(settings, service=group, event=ModelPromoted, handler=on_promotion)
        )
        await publisher.publish(sent, Envelope.of(sent, source="test", cause="wait"))
        await publisher.publish(champion, Envelope.of(champion, source="test", cause="w"))

    sent, champion = batch(), promotion("1")
    async with AsyncExitStack() as stack:
        beginning = asyncio.create_task(begin(stack))
        await eventually(lambda: waits() == ["Kafka"], "it waits for the broker")
        await broker.start()
        await eventually(
            lambda: waits() == [f"Kafka with {RAW}, {RAW.dead}"], "it waits for the topics"
        )
        await create_topics(settings.kafka_bootstrap_servers)
        await beginning
        await eventually(lambda: batches == [sent], "the batch is handled")
        await eventually(lambda: promotions == [champion], "the promotion is handled")


@dataclass
class Flow:
    """A service: batches come in, for each a promotion goes out, a reader follows those."""

    settings: ServiceSettings
    group: str
    promotion: Callable[[str], ModelPromoted]
    handled: list[str] = field(default_factory=list)
    followed: list[int] = field(default_factory=list)

    async def begin(self, stack: AsyncExitStack) -> None:
        settings, service = self.settings, self.group
        self.publisher = await stack.enter_async_context(
            open_publisher(settings, service=service)
        )
        await stack.enter_async_context(
            follow(
                settings, service=service, event=ModelPromoted, handler=self.on_promotion
            )
        )
        await stack.enter_async_context(
            consume(
                settings,
                service=service,
                event=BatchRaw,
                handler=self.on_batch,
                publisher=self.publisher,
            )
        )

    async def on_batch(self, event: BatchRaw, envelope: Envelope) -> None:
        result = self.promotion(str(event.number))
        await self.publisher.publish(
            result, Envelope.of(result, source="test", cause=f"{event.number}")
        )
        self.handled.append(event.batch_id)
        await asyncio.sleep(0.05)  # the work, so that the kill falls into it

    async def on_promotion(self, _: ModelPromoted, __: Envelope, offset: int) -> None:
        self.followed.append(offset)


async def test_nothing_is_lost_and_nothing_dies_when_the_broker_is_killed_in_mid_flow(
    broker: Broker,
    settings: ServiceSettings,
    group: str,
    batch: Callable[[], BatchRaw],
    promotion: Callable[[str], ModelPromoted],
    caplog: pytest.LogCaptureFixture,
) -> None:
    flow = Flow(settings, group, promotion)
    address = settings.kafka_bootstrap_servers
    await broker.start()
    await create_topics(address)

    async with AsyncExitStack() as stack:
        await flow.begin(stack)
        async with open_probe(address) as probe:
            for number in range(1, EVENTS + 1):
                await probe.send(batch().model_copy(update={"number": number}))
        await eventually(lambda: len(flow.handled) >= 3, "it is at work")
        broker.kill()
        await eventually(
            lambda: "Marking the coordinator dead" in caplog.text, "it has noticed"
        )
        await broker.start()
        await eventually(
            lambda: len(set(flow.handled)) == EVENTS, "all batches", seconds=60
        )

        async with open_probe(address) as probe:

            async def all_committed() -> bool:
                return sum((await probe.committed(RAW, group)).values()) == EVENTS

            await eventually(all_committed, "all are committed")
            results = await probe.records(PROMOTED)
            offsets = [record.offset for record in results]
            await eventually(lambda: len(flow.followed) >= len(offsets), "all are followed")

            assert len({dict(record.headers)["ce_id"] for record in results}) == EVENTS
            assert flow.followed == offsets
            assert await probe.records(RAW.dead) == []
            assert len(results) <= EVENTS + 1
            assert len(flow.handled) <= EVENTS + 1


async def test_publishing_raises_outage_while_the_broker_is_away_and_then_sends_once(
    broker: Broker, settings: ServiceSettings, group: str, batch: Callable[[], BatchRaw]
) -> None:
    await broker.start()
    await create_topics(settings.kafka_bootstrap_servers)
    sent = batch()
    envelope = Envelope.of(sent, source="test", cause="away")

    async with open_publisher(settings, service=group) as publisher:
        broker.kill()
        for _ in range(3):
            begun = time.monotonic()
            with pytest.raises(OutageError, match="within 1 s"):
                await publisher.publish(sent, envelope)
            assert time.monotonic() - begun < 2
        await broker.start()
        await publisher.publish(sent, envelope)

        async with open_probe(settings.kafka_bootstrap_servers) as probe:
            assert len(await probe.records(RAW)) == 1


async def test_a_service_stops_in_time_while_the_broker_is_away(
    broker: Broker, settings: ServiceSettings, group: str, batch: Callable[[], BatchRaw]
) -> None:
    await broker.start()
    await create_topics(settings.kafka_bootstrap_servers)
    sent = batch()

    async def handler(event: BatchRaw, envelope: Envelope) -> None:
        raise AssertionError("nothing is sent")

    async def ignore(event: ModelPromoted, envelope: Envelope, offset: int) -> None:
        raise AssertionError("nothing is promoted")

    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(open_publisher(settings, service=group))
        await stack.enter_async_context(
            consume(
                settings,
                service=group,
                event=BatchRaw,
                handler=handler,
                publisher=publisher,
            )
        )
        await stack.enter_async_context(
            follow(settings, service=group, event=ModelPromoted, handler=ignore)
        )
        broker.kill()
        with pytest.raises(OutageError):
            await publisher.publish(sent, Envelope.of(sent, source="test", cause="stop"))
        begun = time.monotonic()
    assert time.monotonic() - begun < 9
