"""From a Kafka record to a fact; pure, and no record makes it fail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from relevo_contracts import EVENTS, DeadLetter, Envelope, PoisonError, Topic
from relevo_contracts.errors import first_line
from relevo_story.telling.facts import Buried, Happened, Illegible, Place

EVENT_OF = {event.topic: event for event in EVENTS}


@dataclass(frozen=True)
class Record:
    """What Kafka keeps of one message; `milliseconds` is the record's own time."""

    topic: str
    partition: int
    offset: int
    milliseconds: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def place(self) -> Place:
        """Where it lies."""
        return Place(self.topic, self.partition, self.offset)

    @property
    def time(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.milliseconds / 1000, UTC)


TopicFact = Happened | Buried | Illegible


def to_fact(record: Record) -> TopicFact:
    """What the record tells: an event, a dead letter, or nothing that we can read."""
    try:
        topic = Topic(record.topic)
        if topic.is_dead:
            letter = DeadLetter.from_headers(record.headers)
            return Buried(letter, record.place, batch_id=batch_named_in(record.value))
        envelope = Envelope.from_headers(record.headers)
        event = EVENT_OF[topic].model_validate_json(record.value or b"")
    except (PoisonError, ValueError) as error:
        return Illegible(record.place, record.time, first_line(error))
    return Happened(event, envelope, record.place)


def batch_named_in(body: bytes | None) -> str | None:
    """The `batch_id` of a JSON body, if it is one and has one."""
    try:
        facts = json.loads(body or b"")
    except ValueError:
        return None
    name = facts.get("batch_id") if isinstance(facts, dict) else None
    return name if isinstance(name, str) else None


def time_of(fact: TopicFact) -> datetime:
    """When it happened."""
    match fact:
        case Happened():
            return fact.envelope.time
        case Buried():
            return fact.letter.time
        case Illegible():
            return fact.time
