"""Topics are as the contracts declare them: made, configured anew, or refused in words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from relevo_contracts import OutageError, Topic
from relevo_contracts.errors import SetupError
from relevo_runtime.kafka.failures import is_kafka_away

REPLICAS = 3
REQUEST_TIMEOUT_MS = 5_000
OF_THE_TOPIC = 1
"""Kafka's word for a value that was set for this topic."""

Values = dict[str, str]


async def keep_declared(
    bootstrap_servers: str, topics: Sequence[Topic]
) -> AsyncIterator[str]:
    """Make the topics that are missing, and give all of them their configuration.

    Yields what had to be mended. Raises OutageError without a broker, SetupError for
    another number of partitions, or where the broker refuses to be told.
    """
    async with administration(bootstrap_servers) as admin:
        made = await make_topics(admin, topics)
        for topic in made:
            yield f"{topic.value} was missing"
        # the brokers may not have heard yet of those that were made
        others = [topic for topic in topics if topic not in made]
        await refuse_other_partitions(admin, others)
        for topic in others:
            if line := await configure(admin, topic):
                yield line


async def make_topics(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic]
) -> Sequence[Topic]:
    """Create those that the broker does not have; answers them.

    Each has three replicas, or as many as there are brokers.
    """
    existing = set(await admin.list_topics())
    missing = [topic for topic in topics if topic.value not in existing]
    if not missing:
        return []
    replicas = min(REPLICAS, len((await admin.describe_cluster())["brokers"]))
    answer = await admin.create_topics(
        [
            NewTopic(
                topic.value,
                num_partitions=topic.partitions,
                replication_factor=replicas,
                topic_configs=topic.configuration,
            )
            for topic in missing
        ]
    )
    codes = {name: (code, details) for name, code, *details in answer.topic_errors}
    for name, (code, details) in codes.items():
        if code not in (0, TopicAlreadyExistsError.errno):
            raise for_code(code)(f"{name}: {details}")
    return [topic for topic in missing if codes[topic.value][0] == 0]


async def refuse_other_partitions(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic]
) -> None:
    """Raises SetupError for a topic with more or fewer than declared.

    Nobody's keys are moved to other partitions behind his back, and fewer than there are
    Kafka cannot make.
    """
    described = await admin.describe_topics([topic.value for topic in topics])
    found = {each["topic"]: len(each["partitions"]) for each in described}
    for topic in topics:
        count = found[topic.value] or topic.partitions  # 0: it is just being made
        if count == topic.partitions:
            continue
        fewer = f"--alter --topic {topic.value} --partitions {topic.partitions}"
        more = f"--delete --topic {topic.value}"
        then = "" if count < topic.partitions else ", and start again: it is made anew"
        raise SetupError(
            f"Kafka's topic {topic.value} has {count} partitions, not {topic.partitions}:"
            f" relevo kafka topics {fewer if count < topic.partitions else more}{then}"
        )


async def configure(admin: AIOKafkaAdminClient, topic: Topic) -> str | None:
    """Give the topic its configuration; answers what was otherwise, in words."""
    values, ours = await configuration_of(admin, topic)
    wanted = topic.configuration
    others = {name: values.get(name) for name in wanted if values.get(name) != wanted[name]}
    if not others:
        return None
    # what is not named would be taken back
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.value, ours | wanted)
    (answer,) = await admin.alter_configs([resource])
    ((code, said, *_),) = answer.resources
    if code:
        raise SetupError(refusal(topic, others, said))
    return f"{topic.value}: " + ", ".join(
        f"{name} was {value}, is {wanted[name]}" for name, value in others.items()
    )


async def configuration_of(
    admin: AIOKafkaAdminClient, topic: Topic
) -> tuple[Values, Values]:
    """All that holds for the topic, and what was set for it alone."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic.value)
    (answer,) = await admin.describe_configs([resource])
    ((code, said, _, __, entries),) = answer.resources
    if code:
        raise for_code(code)(f"{topic.value}: {said}")
    values = {name: value for name, value, *_ in entries}
    ours = {name: value for name, value, _, by, *_ in entries if by == OF_THE_TOPIC}
    return values, ours


def refusal(topic: Topic, others: Mapping[str, str | None], said: str | None) -> str:
    """What is wrong with the topic, and by which command a person mends it."""
    is_now = ", ".join(f"{name}={value}" for name, value in others.items())
    wanted = ",".join(f"{name}={topic.configuration[name]}" for name in others)
    return (
        f"Kafka's topic {topic.value} has {is_now}, not {wanted}, and the broker lets"
        f" nobody change that from here ({said}): relevo kafka configs --alter"
        f" --entity-type topics --entity-name {topic.value} --add-config {wanted}"
    )


@asynccontextmanager
async def administration(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may make and describe topics; OutageError for what Kafka refuses."""
    admin = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_TIMEOUT_MS
    )
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as error:
        refuses = isinstance(error, KafkaError) and not is_kafka_away(error)
        what = "refuses" if refuses else "is away"
        raise OutageError(f"Kafka at {bootstrap_servers} {what}: {error!r}") from error
    finally:
        await admin.close()
