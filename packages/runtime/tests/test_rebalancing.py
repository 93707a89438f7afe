"""Members come and go while handlers run, on a real broker."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from aiokafka import AIOKafkaConsumer

from relevo_contracts import BatchRaw, Envelope, Topic
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.servers

RAW = Topic.BATCH_RAW
EVENTS = 18


@dataclass
class Member:
    """One process of a service, in this process; its handler may be held."""

    settings: ServiceSettings
    group: str
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float = 0.0

    async def handle(self, event: BatchRaw, _: Envelope) -> None:
        self.begun.append(event.batch_id)
        await self.may_end.wait()
        await asyncio.sleep(self.seconds)  # the work
        self.ended.append(event.batch_id)

    async def join(self, stack: AsyncExitStack) -> "Member":
        await stack.enter_async_context(
            consume(
                self.settings,
                service=self.group,
                event=BatchRaw,
                handler=self.handle,
                publisher=RecordingPublisher(),
            )
        )
        return self


async def test_two_members_share_the_work_and_the_running_event_is_handled_once(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    batch: Callable[[], BatchRaw],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="aiokafka.consumer.group_coordinator")
    ends = await probe.skip_all(RAW, group)
    first, second = Member(settings, group), Member(settings, group)
    second.may_end.set()
    sent = [batch() for _ in range(EVENTS)]

    async with AsyncExitStack() as stack:
        await first.join(stack)
        for event in sent:
            await probe.send(event)
        await eventually(lambda: len(first.begun) == 1, "the first member has an event")
        joining = asyncio.create_task(second.join(stack))
        await eventually(
            lambda: "Revoking previously assigned partitions frozenset({" in caplog.text,
            "the first member has to give its partitions back",
        )
        assert not joining.done()
        first.may_end.set()
        await joining
        await eventually(
            lambda: len(set(first.ended + second.ended)) == EVENTS, "all are handled"
        )

    assert sorted(first.begun + second.begun) == sorted(event.batch_id for event in sent)
    committed = await probe.committed(RAW, group)
    assert sum(committed.values()) == sum(ends.values()) + EVENTS


async def test_a_handler_longer_than_the_drain_holds_nobody_up_and_loses_nothing(
    settings: ServiceSettings, probe: Probe, group: str, batch: Callable[[], BatchRaw]
) -> None:
    ends = await probe.skip_all(RAW, group)
    hasty = settings.model_copy(update={"drain_seconds": 0.5})
    first, second = Member(hasty, group), Member(hasty, group)
    second.may_end.set()
    sent = [batch() for _ in range(EVENTS)]

    async with AsyncExitStack() as stack:
        await first.join(stack)
        for event in sent:
            await probe.send(event)
        await eventually(lambda: len(first.begun) == 1, "the first member has an event")
        await second.join(stack)
        await eventually(lambda: len(second.ended) >= 1, "the second member works")
        first.may_end.set()
        await eventually(
            lambda: len(set(first.ended + second.ended)) == EVENTS, "all are handled"
        )

    assert len(first.begun + second.begun) <= EVENTS + 1
    committed = await probe.committed(RAW, group)
    assert sum(committed.values()) == sum(ends.values()) + EVENTS


async def test_a_rebalance_that_leaves_the_partition_here_does_not_repeat_the_event(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    batch: Callable[[], BatchRaw],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", logger="aiokafka.consumer.fetcher")
    await probe.skip_all(RAW, group)
    hasty = settings.model_copy(update={"drain_seconds": 0.2})
    member, sent = Member(hasty, group), [batch(), batch()]
    guest = AIOKafkaConsumer(  # of the same group, but it wants nothing of ours
        Topic.MODEL_SERVED.value,
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=group,
    )

    async with AsyncExitStack() as stack:
        await member.join(stack)
        place = await probe.send(sent[0])
        await eventually(lambda: len(member.begun) == 1, "the handler runs")
        rewinding = f"Resetting offset for partition {place} to the committed offset"
        assert caplog.text.count(rewinding) == 1
        await guest.start()
        stack.push_async_callback(guest.stop)
        await eventually(
            lambda: caplog.text.count(rewinding) == 2, "the rebalance rewinds the reader"
        )
        member.may_end.set()
        await eventually(lambda: len(member.ended) == 1, "the handler has ended")
        same = sent[1].model_copy(update={"batch_id": sent[0].batch_id})
        await probe.send(same)
        await eventually(lambda: len(member.ended) == 2, "the next event is handled")
        await probe.send(sent[1])
        await eventually(
            lambda: sent[1].batch_id in member.ended, "and those of other partitions"
        )

    assert member.begun == [sent[0].batch_id, sent[0].batch_id, sent[1].batch_id]


async def test_a_member_that_leaves_at_work_leaves_nothing_undone_or_done_twice(
    settings: ServiceSettings, probe: Probe, group: str, batch: Callable[[], BatchRaw]
) -> None:
    await probe.skip_all(RAW, group)
    stays, leaves = (Member(settings, group, seconds=0.03) for _ in range(2))
    sent = [batch() for _ in range(3 * EVENTS)]

    async with AsyncExitStack() as stack:
        await stays.join(stack)
        async with AsyncExitStack() as short:
            await leaves.join(short)
            for event in sent:
                await probe.send(event)
            stays.may_end.set()
            leaves.may_end.set()
            await eventually(lambda: len(leaves.begun) >= 3, "both are at work")
        await eventually(
            lambda: len(set(stays.ended + leaves.ended)) == len(sent), "all are handled"
        )

    assert len(leaves.ended) < len(sent) / 2
    assert sorted(stays.begun + leaves.begun) == sorted(e.batch_id for e in sent)


async def test_a_named_member_comes_back_without_a_rebalance_of_its_peer(
    settings: ServiceSettings,
    probe: Probe,
    group: str,
    batch: Callable[[], BatchRaw],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", logger="aiokafka.consumer.group_coordinator")
    await probe.skip_all(RAW, group)
    members = [
        Member(settings.model_copy(update={"kafka_group_instance_id": name}), group)
        for name in ("one", "two")
    ]
    for member in members:
        member.may_end.set()

    def joins() -> int:
        return sum("(Re-)joining group" in line for line in caplog.messages)

    async with AsyncExitStack() as stack:
        await members[0].join(stack)
        async with AsyncExitStack() as short:
            await members[1].join(short)
            for _ in range(EVENTS):
                await probe.send(batch())
            await eventually(
                lambda: (
                    sum(len(member.ended) for member in members) == EVENTS
                    and all(member.ended for member in members)
                ),
                "both have work",
            )
        before = joins()
        await members[1].join(stack)
        for _ in range(EVENTS):
            await probe.send(batch())
        await eventually(
            lambda: sum(len(member.ended) for member in members) == 2 * EVENTS,
            "both go on",
        )

    assert joins() == before + 1
