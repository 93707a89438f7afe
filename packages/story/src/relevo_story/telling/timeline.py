"""One record of a topic as one entry of the timeline, or as JSON for a program."""

from dataclasses import asdict, dataclass
from datetime import datetime

from relevo_contracts import (
    BatchClean,
    BatchHeld,
    BatchRaw,
    ModelPromoted,
    ModelServed,
    SourceSeen,
)
from relevo_story.telling import figures, sentences
from relevo_story.telling.facts import Buried, Happened, Illegible, Tone
from relevo_story.telling.promotions import Promotion
from relevo_story.telling.story import Story


@dataclass(frozen=True)
class Entry:
    """What one record tells; `way` is how far its batch had come by then."""

    time: datetime
    topic: str
    subject: str
    text: str
    way: str = ""
    tone: Tone = "plain"

    def columns(self, now: datetime) -> tuple[str, ...]:
        """Time of day, age, topic, who, what, the way."""
        age = figures.age(self.time, now)
        clock = figures.clock(self.time)
        return (clock, age, self.topic, self.subject, self.text, self.way)


class Timeline:
    """Entries in the order in which records are read; repeats are told as such.

    The story may hear of a record before; of each it is told here, in any case.
    """

    def __init__(self, story: Story) -> None:
        self._story = story
        self._ids: set[tuple[str, str]] = set()

    def entry(self, fact: Happened | Buried | Illegible) -> Entry:
        """What this record adds to the ones before it."""
        self._story.add(fact)
        match fact:
            case Happened():
                return self._happened(fact)
            case Buried():
                subject = self._story.name(fact.batch_id) if fact.batch_id else ""
                text = sentences.buried(fact)
                return Entry(
                    fact.letter.time, fact.place.topic, subject, text, tone="warning"
                )
            case Illegible():
                reason = figures.reason(fact.reason)
                text = f"record {fact.place} is no event of ours: {reason}"
                return Entry(fact.time, fact.place.topic, "", text, tone="bad")

    def _happened(self, fact: Happened) -> Entry:
        subject, text, tone = self._told(fact)
        identity = (fact.envelope.id, fact.place.topic)
        if identity in self._ids and not isinstance(fact.event, ModelServed):
            text, tone = f"{text} (sent again)", "plain"
        self._ids.add(identity)
        batch_id = self._batch_of(fact)
        way = self._story.way(batch_id) if batch_id else ""
        return Entry(fact.envelope.time, fact.place.topic, subject, text, way, tone)

    def _told(self, fact: Happened) -> tuple[str, str, Tone]:
        match fact.event:
            case BatchRaw(released_at=released, ingested_at=at) as raw:
                text = sentences.stored(raw.rows, released_at=released, at=at)
                return self._story.name(raw.batch_id), text, "plain"
            case BatchClean() as clean:
                text = sentences.cleaned(
                    clean.rows_out, clean.rows_in, quarantined=clean.rows_quarantined
                )
                return self._story.name(clean.batch_id), text, "plain"
            case BatchHeld() as event:
                name = self._story.name(event.batch_id)
                return name, sentences.held(event.reason), "warning"
            case ModelPromoted() as event:
                promotion = Promotion(fact.envelope.id, fact.place.offset, event)
                is_return = not self._story.promotions.is_first(promotion)
                called = sentences.version(event.model_version)
                text = sentences.promoted(event, called=called, is_return=is_return)
                return event.model, text, "news"
            case ModelServed(outcome="refused") as event:
                called = self._story.called(event.model, event.model_version)
                return event.pod, sentences.not_served(event, called=called), "bad"
            case ModelServed() as event:
                called = self._story.called(event.model, event.model_version)
                return event.pod, sentences.swapped(event, called=called), "good"
            case SourceSeen() as seen:
                is_bad = seen.status == "unavailable" and seen.asleep_until is None
                text = f"the data source {sentences.source(seen)}"
                return seen.source, text, "bad" if is_bad else "plain"
        return "", fact.envelope.type, "plain"

    def _batch_of(self, fact: Happened) -> str | None:
        match fact.event:
            case BatchRaw() | BatchClean() | BatchHeld() as event:
                return event.batch_id
            case ModelPromoted(batches=batches):
                return batches[-1] if batches else None
            case ModelServed(promotion_id=promotion_id):
                promotion = self._story.promotions.find(promotion_id)
                return promotion.event.batches[-1] if promotion else None
        return None


def as_values(fact: Happened | Buried | Illegible) -> dict[str, object]:
    """Plain values for JSON: where the record lies, then what it is."""
    told: dict[str, object]
    match fact:
        case Happened():
            told = {
                "kind": "event",
                "envelope": fact.envelope.model_dump(mode="json"),
                "event": fact.event.model_dump(mode="json"),
            }
        case Buried():
            letter = fact.letter.model_dump(mode="json")
            told = {"kind": "dead-letter", "batch_id": fact.batch_id, "letter": letter}
        case Illegible():
            time = fact.time.isoformat()
            told = {"kind": "illegible", "reason": fact.reason, "time": time}
    return asdict(fact.place) | told
