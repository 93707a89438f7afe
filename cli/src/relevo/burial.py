"""Dead letters: reading them, and sending one again to where it came from."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from relevo.errors import CommandError
from relevo_contracts.dead_letters import PREFIX
from relevo_story.sources.records import Record, to_fact
from relevo_story.sources.topics import CONNECT_SECONDS, dead_topics, no_broker, open_reader
from relevo_story.telling.facts import Buried, Place


async def read_letters(kafka: str) -> list[Record]:
    """Every record of every topic of dead letters, oldest first."""
    async with open_reader(kafka, dead_topics()) as reader:
        return await reader.history()


async def send_again(kafka: str, place: Place) -> Place:
    """Send the message that lies there to its origin topic, as it was; gives its new place.

    Raises CommandError when there is no such letter, or it never was a message.
    """
    async with open_reader(kafka, [place.topic]) as reader:
        record = await reader.at(place.topic, place.partition, place.offset)
    if record is None:
        raise CommandError(
            f"there is no dead letter {place}: `relevo dead-letters list` shows all"
        )
    return await _send(kafka, record, _origin(record))


def _origin(record: Record) -> str:
    fact = to_fact(record)
    if not isinstance(fact, Buried):
        raise CommandError(f"record {record.place} tells no origin: it is no dead letter")
    if fact.letter.stage == "fetch":
        raise CommandError(
            f"dead letter {record.place} was refused by the {fact.letter.service} before it"
            " became a message, so there is nothing to send again: the source has to mend"
            " the batch"
        )
    return fact.letter.topic


async def _send(kafka: str, record: Record, topic: str) -> Place:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", client_id="relevo-cli")
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await producer.start()
            sent = await producer.send_and_wait(
                topic, record.value, key=record.key, headers=own_headers(record.headers)
            )
    except (KafkaError, OSError) as error:
        raise no_broker(kafka, error) from error
    finally:
        await producer.stop()
    return Place(topic, sent.partition, sent.offset)


def own_headers(headers: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The headers that the message had before it died."""
    return [(name, value) for name, value in headers if not name.startswith(PREFIX)]
