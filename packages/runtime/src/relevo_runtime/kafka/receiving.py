"""From a Kafka record to an event and its envelope."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from relevo_contracts import Envelope, Event, PoisonError
from relevo_contracts.records import Record

E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Received(Generic[E]):
    """An event as it came."""

    event: E
    envelope: Envelope


def receive(record: Record, event: type[E]) -> Received[E]:
    """Read a record.

    Raises PoisonError for a tombstone, for a body that is not this event, for missing
    or unreadable attributes, and for another type of event.
    """
    if record.value is None:
        raise PoisonError("no body: a tombstone is not an event")
    envelope = Envelope.from_headers(record.headers)
    if envelope.type != event.type:
        raise PoisonError(f"an event of type {envelope.type!r}, not {event.type!r}")
    try:
        return Received(event.model_validate_json(record.value), envelope)
    except ValidationError as error:
        raise PoisonError(f"the body is not a {event.__name__}: {error}") from error
