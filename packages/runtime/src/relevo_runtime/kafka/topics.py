"""The topics on the broker; `python -m relevo_runtime.kafka.topics` creates all of them."""

import asyncio
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from relevo_contracts import OutageError, Topic
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.retries import SOON, patiently

REPLICAS = 3
REQUEST_TIMEOUT_MS = 5_000
METADATA_MAX_AGE_MS = 2_000
"""How soon a client sees that a topic was deleted and made anew."""


async def create_topics(bootstrap_servers: str) -> None:
    """Create every topic of the contracts; those that exist are left as they are.

    Each has three replicas, or as many as there are brokers.
    Raises OutageError while the broker is away.
    """
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_TIMEOUT_MS
    )
    try:
        await admin.start()
        cluster = await admin.describe_cluster()
        replicas = min(REPLICAS, len(cluster["brokers"]))
        answer = await admin.create_topics(
            [
                NewTopic(
                    topic.value,
                    num_partitions=topic.partitions,
                    replication_factor=replicas,
                    topic_configs=topic.configuration,
                )
                for topic in Topic
            ]
        )
    except (KafkaError, OSError) as error:
        raise OutageError(f"no topics could be created: {error!r}") from error
    finally:
        await admin.close()
    for name, code, *details in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"{name}: {details}")


async def missing_topics(bootstrap_servers: str, needed: Iterable[Topic]) -> set[str]:
    """The names of those that the broker does not have; OutageError while it is away."""
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_TIMEOUT_MS
    )
    try:
        await admin.start()
        existing = await admin.list_topics()
    except (KafkaError, OSError) as error:
        raise OutageError(f"Kafka at {bootstrap_servers} is away: {error!r}") from error
    finally:
        await admin.close()
    return {topic.value for topic in needed} - set(existing)


async def wait_for_topics(bootstrap_servers: str, needed: Iterable[Topic]) -> None:
    """Return when the broker answers and has the topics."""
    topics = list(needed)

    async def look() -> None:
        if missing := await missing_topics(bootstrap_servers, topics):
            raise OutageError(f"Kafka has no topic {', '.join(sorted(missing))}")

    names = ", ".join(topic.value for topic in topics)
    await patiently(look, what=f"Kafka with {names}", longest_delay=SOON)


if __name__ == "__main__":
    asyncio.run(create_topics(KafkaSettings().kafka_bootstrap_servers))
