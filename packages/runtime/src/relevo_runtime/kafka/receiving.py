"""From a Kafka record to an event and its envelope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import ValidationError

from relevo_contracts import Envelope, Event, PoisonError

E = TypeVar("E", bound=Event)


class Record(Protocol):
    """What we need of aiokafka's ConsumerRecord."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


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
