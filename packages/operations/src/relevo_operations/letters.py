"""A dead letter as people read it: why it died, and what came of it since; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from relevo_contracts import DeadLetter, PoisonError
from relevo_contracts.actions import Action, Deed
from relevo_contracts.dead_letters import PREFIX
from relevo_operations.letter_box import Record
from relevo_operations.reasons import in_words

State = Literal["new", "on its way", "handled", "died again", "done"]
Committed = Mapping[str, Mapping[str, Mapping[int, int]]]
"""By topic, consumer group and partition: the offset of the next message it takes."""


@dataclass(frozen=True)
class Letter:
    """What lies there; facts: None for a record that tells no origin.

    reason: in a person's words; story: what came of it, by whom; "" when new.
    """

    record: Record
    facts: DeadLetter | None
    reason: str
    state: State = "new"
    story: str = ""

    @property
    def place(self) -> str:
        """Where it lies: 'batch.raw.dead 0 7'."""
        return place_of(self.record.topic, self.record.partition, self.record.offset)

    @property
    def died_at(self) -> datetime:
        """When it died."""
        written = datetime.fromtimestamp(self.record.milliseconds / 1000, UTC)
        return self.facts.time if self.facts else written

    @property
    def own_headers(self) -> list[tuple[str, bytes]]:
        """The headers that the message had before it died."""
        return [(n, v) for n, v in self.record.headers if not n.startswith(PREFIX)]


def place_of(topic: str, partition: int, offset: int) -> str:
    """'batch.raw.dead 0 7'."""
    return f"{topic} {partition} {offset}"


def read_letters(
    records: Sequence[Record], actions: Sequence[Action], committed: Committed
) -> list[Letter]:
    """The letters, with what came of them by the actions on them, oldest first."""
    letters = [_unmarked(record) for record in records]
    again = {origin_of(letter): letter.place for letter in letters if letter.facts}
    return [_marked(letter, actions, again, committed) for letter in letters]


def origin_of(letter: Letter) -> str:
    """Where the message lay that died; "" when that is not known."""
    facts = letter.facts
    return place_of(facts.topic, facts.partition, facts.offset) if facts else ""


def is_about(action: Action, letter: Letter) -> bool:
    """True for a deed on this letter, and not on one that lay there before a new start."""
    died_at = action.details.get("died_at")
    return action.subject == letter.place and died_at == letter.died_at.isoformat()


def _unmarked(record: Record) -> Letter:
    try:
        facts = DeadLetter.from_headers(record.headers)
    except PoisonError:
        reason = "no dead letter of relevo's: it has no dead_* headers"
        return Letter(record, None, reason)
    return Letter(record, facts, in_words(facts, record.value, record.headers))


def _marked(
    letter: Letter,
    actions: Sequence[Action],
    again: Mapping[str, str],
    committed: Committed,
) -> Letter:
    deeds = [a for a in actions if a.outcome == "done" and is_about(a, letter)]
    if not deeds:
        return letter
    last = deeds[-1]
    state: State = "done"
    story = f"done, says {last.who}"
    if last.what is Deed.SEND_AGAIN:
        sent = str(last.details.get("sent_to"))
        state = "on its way"
        if sent in again:
            state = "died again"
        elif letter.facts and _is_handled(letter.facts, sent, committed):
            state = "handled"
        where = f" as {again[sent]}" if sent in again else ""
        story = f"sent again by {last.who}: {state}{where}"
    reason = f" ({last.why})" if last.why else ""
    return Letter(letter.record, letter.facts, letter.reason, state, f"{story}{reason}")


def _is_handled(facts: DeadLetter, sent: str, committed: Committed) -> bool:
    """True when every group of the service has taken what follows the message."""
    topic, partition, offset = sent.rsplit(" ", 2)
    reached = [
        offsets[int(partition)]
        for group, offsets in committed.get(topic, {}).items()
        if f"{group}-".startswith(f"{facts.service}-") and int(partition) in offsets
    ]
    return bool(reached) and min(reached) > int(offset)
