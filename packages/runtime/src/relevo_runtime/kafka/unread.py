"""Whether a group has still something to read: then nothing is lost, it is a backlog."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from relevo_contracts import OutageError, Topic
from relevo_runtime.kafka.closing import close
from relevo_runtime.kafka.settings import KafkaSettings

ASK_SECONDS = 10.0


async def has_unread(settings: KafkaSettings, *, topic: Topic, group: str) -> bool:
    """True while a record of the topic stands behind what the group has committed.

    Looked at from outside: the group is not joined. Raises OutageError without a broker.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
    )
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await consumer.start()
            numbers = range(topic.partitions)
            partitions = [TopicPartition(topic.value, number) for number in numbers]
            consumer.assign(partitions)
            begins = await consumer.beginning_offsets(partitions)
            ends = await consumer.end_offsets(partitions)
            committed = {each: await consumer.committed(each) for each in partitions}
    except (KafkaError, OSError) as error:  # TimeoutError is one
        raise OutageError(f"Kafka tells nothing of {group}: {error!r}") from error
    finally:
        await close(consumer)
    reached = {each: max(begins[each], committed[each] or 0) for each in partitions}
    return any(reached[each] < ends[each] for each in partitions)
