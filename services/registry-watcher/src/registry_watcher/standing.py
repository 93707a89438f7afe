"""What `model.promoted` says to a pod that is there, and to one that comes; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from relevo_contracts import Envelope, ModelPromoted, PoisonError
from relevo_contracts.records import Record
from relevo_runtime.kafka.receiving import receive


@dataclass(frozen=True)
class Told:
    """A promotion as the topic has it, or shall have it."""

    event: ModelPromoted
    envelope: Envelope


@dataclass
class Standing:
    """The newest promotion of each model, and why it must be told again, if it must.

    moves: which moves of an alias were told, by model and time.
    Compaction leaves the last record of a key: where that is not the newest promotion, a
    new pod will not learn of it one day.
    """

    newest: dict[str, Told] = field(default_factory=dict)
    spoiled: dict[str, str] = field(default_factory=dict)
    moves: set[tuple[str, datetime | None]] = field(default_factory=set)


def standing_in(records: Iterable[Record]) -> Standing:
    """What the records say, in each partition's order; who is no promotion says nothing."""
    standing, places = Standing(), dict[str, Record]()
    last: dict[tuple[bytes | None, int], Record] = {}
    for record in records:
        last[record.key, record.partition] = record
        try:
            received = receive(record, ModelPromoted)
        except PoisonError:
            continue
        event = received.event
        standing.moves.add((event.model, event.moved_at))
        known = standing.newest.get(event.model)
        if known is None or event.order >= known.event.order:
            standing.newest[event.model] = Told(event, received.envelope)
            places[event.model] = record
    for model, place in places.items():
        final = last[place.key, place.partition]
        if place.key != model.encode():
            standing.spoiled[model] = "its key is another one"
        elif final is not place:
            what = "a tombstone" if final.value is None else "another record"
            standing.spoiled[model] = f"{what} stands behind it"
    return standing
