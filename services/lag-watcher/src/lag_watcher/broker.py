"""Kafka seen from outside, by aiokafka's admin client and a reader without a group."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

from lag_watcher.lag import Group, Partition, Position, Span
from lag_watcher.times import TimeReader
from relevo_contracts import OutageError
from relevo_runtime.kafka.closing import close

REQUEST_TIMEOUT_MS = 5_000
METADATA_MAX_AGE_MS = 5_000
UNKNOWN = "Unknown"
"""The state of a group that its coordinator does not describe."""


class KafkaBroker:
    """The port Broker on a real cluster; reads only, commits nothing, joins nothing."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._admin = admin
        self._consumer = consumer
        self._times = TimeReader(consumer)

    async def partitions(self) -> set[Partition]:
        """All partitions that have a leader, without those of Kafka's own topics."""
        async with outages():
            topics = await self._admin.describe_topics()
        return {
            Partition(topic["topic"], partition["partition"])
            for topic in topics
            if not topic["is_internal"]
            for partition in topic["partitions"]
            if partition["leader"] >= 0
        }

    async def groups(
        self, partitions: Collection[Partition], expected: Collection[str]
    ) -> list[Group]:
        """All consumer groups and the expected ones, with their commits in these."""
        async with outages():
            listed = await self._admin.list_consumer_groups()
            consuming = {name for name, kind in listed if kind in {"consumer", ""}}
            return [
                await self._group(name, partitions)
                for name in sorted(consuming | set(expected))
            ]

    async def spans(self, partitions: Collection[Partition]) -> dict[Partition, Span]:
        """What the logs hold."""
        self._times.know(partitions)
        asked = [TopicPartition(*partition) for partition in sorted(partitions)]
        async with outages():
            starts = await self._consumer.beginning_offsets(asked)
            ends = await self._consumer.end_offsets(asked)
        return {Partition(*tp): Span(starts[tp], ends[tp]) for tp in asked}

    async def written_at(self, positions: Collection[Position]) -> dict[Position, float]:
        """The Unix time of each of these records that can be read."""
        async with outages():
            return await self._times.read(positions)

    async def _group(self, name: str, partitions: Collection[Partition]) -> Group:
        # One at a time: aiokafka 0.14 reads the second group of an answer wrongly (it
        # asks in version 3 of DescribeGroups and parses in version 2).
        [answer] = await self._admin.describe_consumer_groups([name])
        [(error_code, _, state, _, _, members, *_)] = answer.groups
        return Group(
            name,
            state=UNKNOWN if error_code else state,
            members=len(members),
            committed=await self._committed(name, partitions),
            assigned={p for *_, assignment in members for p in decoded(assignment)},
        )

    async def _committed(
        self, group: str, partitions: Collection[Partition]
    ) -> dict[Partition, int]:
        # Asked for each partition by name: a coordinator that is still loading answers
        # nothing, which would otherwise look like a group that never committed.
        asked = [TopicPartition(*partition) for partition in partitions]
        answer = await self._admin.list_consumer_group_offsets(group, partitions=asked)
        if len(answer) < len(asked):
            raise OutageError(f"the offsets of group {group!r} cannot be read yet")
        return {Partition(*tp): at.offset for tp, at in answer.items() if at.offset >= 0}


def decoded(assignment: bytes) -> set[Partition]:
    """The partitions in a member's assignment; empty while the group rebalances."""
    if not assignment:
        return set()
    told = ConsumerProtocolMemberAssignment.decode(assignment)
    return {Partition(*tp) for tp in told.partitions()}


@asynccontextmanager
async def outages() -> AsyncIterator[None]:
    """Raise OutageError for all that Kafka's absence, or a leader's move, causes."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise OutageError(str(error) or repr(error)) from error


@asynccontextmanager
async def open_broker(
    bootstrap_servers: str, *, client_id: str
) -> AsyncIterator[KafkaBroker]:
    """A connected look from outside; raises OutageError while no broker answers."""
    connection = {
        "bootstrap_servers": bootstrap_servers,
        "client_id": client_id,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "metadata_max_age_ms": METADATA_MAX_AGE_MS,
    }
    admin = AIOKafkaAdminClient(**connection)
    consumer = AIOKafkaConsumer(
        **connection,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=65_536,  # one record of each is enough
    )
    try:
        async with outages():
            await admin.start()
            await consumer.start()
        yield KafkaBroker(admin, consumer)
    finally:
        await close(consumer)
        await admin.close()
