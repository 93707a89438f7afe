"""The topics on the broker; `python -m relevo_runtime.kafka.topics` creates all of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from relevo_contracts import OutageError, Topic
from relevo_runtime.kafka.declared import administration, keep_declared, make_topics
from relevo_runtime.kafka.settings import KafkaSettings
from relevo_runtime.reconciling import Reconciliation, mended, reconciling
from relevo_runtime.retries import SOON, patiently

METADATA_MAX_AGE_MS = 2_000
"""How soon a client sees that a topic was deleted and made anew."""


async def create_topics(bootstrap_servers: str) -> None:
    """Create every topic of the contracts; those that exist are left as they are.

    Raises OutageError while the broker is away.
    """
    async with administration(bootstrap_servers) as admin:
        await make_topics(admin, list(Topic))


async def missing_topics(bootstrap_servers: str, needed: Iterable[Topic]) -> set[str]:
    """The names of those that the broker does not have; OutageError while it is away."""
    async with administration(bootstrap_servers) as admin:
        existing = await admin.list_topics()
    return {topic.value for topic in needed} - set(existing)


async def wait_for_topics(bootstrap_servers: str, needed: Iterable[Topic]) -> None:
    """Return when the broker answers and has the topics."""
    topics = list(needed)

    async def look() -> None:
        if missing := await missing_topics(bootstrap_servers, topics):
            raise OutageError(f"Kafka has no topic {', '.join(sorted(missing))}")

    names = ", ".join(topic.value for topic in topics)
    await patiently(look, what=f"Kafka with {names}", longest_delay=SOON)


@asynccontextmanager
async def reconciled(
    settings: KafkaSettings, *others: Reconciliation, topics: Sequence[Topic], every: float
) -> AsyncIterator[None]:
    """The topics are as declared, and are kept so with all else that must hold.

    Waits for the broker. Raises SetupError for what only a person can mend.
    """

    def keep() -> AsyncIterator[str]:
        return keep_declared(settings.kafka_bootstrap_servers, topics)

    async def begin() -> None:
        async for thing in keep():
            mended("topic", thing)

    await patiently(begin, what="Kafka", longest_delay=SOON)
    async with reconciling(Reconciliation("topic", keep), *others, every=every):
        yield


if __name__ == "__main__":
    asyncio.run(create_topics(KafkaSettings().kafka_bootstrap_servers))
