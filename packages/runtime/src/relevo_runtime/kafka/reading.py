"""All that stands in a topic now, as it stands there: tombstones and nonsense too."""

import asyncio

from aiokafka.errors import KafkaError

from relevo_contracts import OutageError, Topic
from relevo_contracts.records import Record
from relevo_runtime.kafka.closing import close
from relevo_runtime.kafka.following import CATCHING_UP_MS, connect, is_behind_us
from relevo_runtime.kafka.settings import KafkaSettings

READ_SECONDS = 20.0


async def read_all(settings: KafkaSettings, *, service: str, topic: Topic) -> list[Record]:
    """The topic's records from the first to the last, each partition in its order.

    Raises OutageError without a broker or the topic, or where that takes too long.
    """
    consumer, ends = await connect(settings, service, topic)
    try:
        if not ends:
            raise OutageError(f"Kafka has no topic {topic.value}")
        found: list[Record] = []
        async with asyncio.timeout(READ_SECONDS):
            while not await is_behind_us(consumer, ends):
                batches = await consumer.getmany(timeout_ms=CATCHING_UP_MS)
                found += [record for batch in batches.values() for record in batch]
        return found
    except (KafkaError, TimeoutError) as error:
        raise OutageError(f"{topic.value} could not be read: {error!r}") from error
    finally:
        await close(consumer)
