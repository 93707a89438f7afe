"""The lag of groups on a real Kafka, seen from outside."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete

from lag_watcher.broker import KafkaBroker, open_broker
from lag_watcher.lag import Group, Lag, Look
from lag_watcher.looking import look
from relevo_contracts import OutageError
from relevo_local.places.ports import free_port
from relevo_runtime.testing import eventually

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
PARTITIONS = 3


@pytest.fixture
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    yield client
    await client.close()


@pytest.fixture
async def broker(kafka: str) -> AsyncIterator[KafkaBroker]:
    async with open_broker(kafka, client_id="test") as opened:
        yield opened


@pytest.fixture
def group() -> str:
    return f"group-{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def topic(admin: AIOKafkaAdminClient) -> str:
    name = f"topic-{uuid.uuid4().hex[:12]}"
    await create(admin, NewTopic(name, PARTITIONS, 1))
    return name


async def create(admin: AIOKafkaAdminClient, topic: NewTopic) -> None:
    """Create a topic; the broker answers before it knows the partitions' leaders."""
    await admin.create_topics([topic])

    async def has_leaders() -> bool:
        [described] = await admin.describe_topics([topic.name])
        led = [p for p in described["partitions"] if p["leader"] >= 0]
        return bool(len(led) == topic.num_partitions)

    await eventually(has_leaders, f"a leader of each partition of {topic.name}")


async def write(
    kafka: str, topic: str, partition: int, times: list[float], *, key: str = "a"
) -> None:
    """One record for each Unix time, which it claims as its own."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for at in times:
            await producer.send_and_wait(
                topic,
                b"{}",
                key=key.encode(),
                partition=partition,
                timestamp_ms=int(at * 1000),
            )


async def commit(kafka: str, group: str, offsets: dict[TopicPartition, int]) -> None:
    """Let a group commit and die."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=group, enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign(list(offsets))
    await consumer.commit(offsets)
    await consumer.stop()


def of_group(seen: Look, group: str) -> dict[int, Lag]:
    """The group's lag by partition number."""
    return {
        lag.standing.partition.number: lag
        for lag in seen.lags
        if lag.standing.group == group
    }


def records(seen: Look, group: str) -> dict[int, int]:
    return {number: lag.standing.records for number, lag in of_group(seen, group).items()}


def described(seen: Look, name: str) -> Group:
    [found] = [group for group in seen.groups if group.name == name]
    return found


async def test_the_lag_of_a_dead_group_is_seen_in_records_and_seconds(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    now = time.time()
    await write(kafka, topic, 0, [now - 300, now - 200, now - 100])
    await write(kafka, topic, 1, [now - 50])
    await commit(kafka, group, {TopicPartition(topic, 0): 1, TopicPartition(topic, 1): 1})

    seen = await look(broker, {})

    assert records(seen, group) == {0: 2, 1: 0, 2: 0}
    lags = of_group(seen, group)
    assert lags[0].seconds == pytest.approx(200, abs=10)
    assert lags[1].seconds == 0
    assert described(seen, group).members == 0


async def test_groups_at_different_places_of_one_partition_have_their_own_age(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    now = time.time()
    await write(kafka, topic, 0, [now - 300, now - 200, now - 100])
    ages = {}
    for offset in range(3):
        await commit(kafka, f"{group}-{offset}", {TopicPartition(topic, 0): offset})

    for _ in range(2):  # the second look begins where the first has read
        seen = await look(broker, {})
        ages = {
            offset: of_group(seen, f"{group}-{offset}")[0].seconds for offset in range(3)
        }

        assert ages == {
            0: pytest.approx(300, abs=10),
            1: pytest.approx(200, abs=10),
            2: pytest.approx(100, abs=10),
        }


async def test_an_expected_group_that_was_never_there_counts_from_the_first_record(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    await write(kafka, topic, 2, [time.time() - 60] * 4)

    seen = await look(broker, {group: [topic]})

    assert records(seen, group) == {0: 0, 1: 0, 2: 4}
    assert of_group(seen, group)[2].seconds == pytest.approx(60, abs=10)
    assert of_group(seen, group)[2].standing.committed is None


async def test_a_living_group_that_never_committed_is_known_by_what_it_has_assigned(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    await write(kafka, topic, 0, [time.time()] * 5)
    other = AIOKafkaConsumer(topic, bootstrap_servers=kafka, group_id=f"{group}-other")
    async with (
        other,
        AIOKafkaConsumer(
            topic, bootstrap_servers=kafka, group_id=group, enable_auto_commit=False
        ),
    ):
        seen = await look(broker, {})

    assert records(seen, group) == {0: 5, 1: 0, 2: 0}
    assert (described(seen, group).state, described(seen, group).members) == ("Stable", 1)
    assert described(seen, f"{group}-other").members == 1


async def test_what_retention_deleted_is_no_lag_any_more(
    kafka: str, broker: KafkaBroker, topic: str, group: str, admin: AIOKafkaAdminClient
) -> None:
    now = time.time()
    await write(kafka, topic, 0, [now - 300] * 4 + [now - 100] * 2)
    tp = TopicPartition(topic, 0)
    await commit(kafka, group, {tp: 1})
    await admin.delete_records({tp: RecordsToDelete(before_offset=4)})

    seen = await look(broker, {})

    assert records(seen, group)[0] == 2
    assert of_group(seen, group)[0].seconds == pytest.approx(100, abs=10)


async def test_where_compaction_left_a_gap_the_next_record_that_is_left_has_the_age(
    kafka: str, broker: KafkaBroker, group: str, admin: AIOKafkaAdminClient
) -> None:
    topic = f"topic-{uuid.uuid4().hex[:12]}"
    quickly = {
        "cleanup.policy": "compact",
        "segment.ms": "1000",  # of the records' own time: each write below has its own
        "min.cleanable.dirty.ratio": "0.01",
        "max.compaction.lag.ms": "1000",
    }
    await create(admin, NewTopic(topic, 1, 1, topic_configs=quickly))
    now = time.time()
    await write(kafka, topic, 0, [now - 300] * 20)
    await write(kafka, topic, 0, [now - 100])
    await write(kafka, topic, 0, [now], key="b")
    await commit(kafka, group, {TopicPartition(topic, 0): 1})

    async def compacted() -> bool:
        lag = of_group(await look(broker, {}), group)[0]
        assert lag.standing.records == 21
        return lag.seconds == pytest.approx(100, abs=30)

    await eventually(compacted, "the age of the record after the gap", seconds=40)


async def test_a_group_keeps_no_lag_in_a_topic_that_was_deleted(
    kafka: str, broker: KafkaBroker, topic: str, group: str, admin: AIOKafkaAdminClient
) -> None:
    await write(kafka, topic, 0, [time.time()] * 3)
    await commit(kafka, group, {TopicPartition(topic, 0): 1})
    assert records(await look(broker, {}), group)[0] == 2

    await admin.delete_topics([topic])

    async def gone() -> bool:
        try:
            seen = await look(broker, {})
        except OutageError:  # it vanished in the middle of the look: the next one knows
            return False
        return not records(seen, group) and topic not in {p.topic for p in seen.spans}

    await eventually(gone, "no lag in the deleted topic")


async def test_a_partition_that_is_added_is_seen(
    kafka: str, broker: KafkaBroker, topic: str, group: str, admin: AIOKafkaAdminClient
) -> None:
    assert len(records(await look(broker, {group: [topic]}), group)) == PARTITIONS
    await create(admin, NewTopic(f"{topic}-new", 1, 1))
    await write(kafka, f"{topic}-new", 0, [time.time() - 30])

    seen = await look(broker, {group: [topic, f"{topic}-new"]})

    assert len(of_group(seen, group)) == PARTITIONS
    [new] = [s for s in seen.lags if s.standing.partition.topic == f"{topic}-new"]
    assert new.seconds == pytest.approx(30, abs=10)


async def test_looks_neither_join_a_group_nor_commit(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    await write(kafka, topic, 0, [time.time()] * 3)
    for _ in range(2):
        seen = await look(broker, {group: [topic]})

    assert described(seen, group).state == "Dead"
    assert of_group(seen, group)[0].standing.committed is None


async def test_many_looks_at_once_a_second_are_quick(
    kafka: str, broker: KafkaBroker, topic: str, group: str
) -> None:
    await write(kafka, topic, 0, [time.time()])
    await look(broker, {group: [topic]})

    started = time.monotonic()
    for _ in range(5):
        await look(broker, {group: [topic]})

    assert (time.monotonic() - started) / 5 < 1


async def test_a_broker_that_is_away_is_an_outage() -> None:
    async with asyncio.timeout(20):
        with pytest.raises(OutageError):
            async with open_broker(f"127.0.0.1:{free_port()}", client_id="test"):
                pass
