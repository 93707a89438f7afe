"""What a person may do with dead letters: read them, send them again, be done with them."""

from collections.abc import Sequence

from relevo_contracts.actions import Action, Deed
from relevo_operations.errors import OperationError
from relevo_operations.history import History, Person, noted
from relevo_operations.letter_box import LetterBox
from relevo_operations.letters import Letter, origin_of, place_of, read_letters

ALL = 100_000


class DeadLetters:
    """The dead letters of a platform in a person's hands.

    Raises OperationError when nothing can be done, OutageError while Kafka or the history
    is away.
    """

    def __init__(self, box: LetterBox, history: History) -> None:
        self._box = box
        self._history = history

    async def letters(self) -> list[Letter]:
        """All that lie there, oldest first, with what came of those sent again."""
        records = await self._box.records()
        actions = [
            action
            for action in await self._history.actions(limit=ALL)
            if action.what in {Deed.SEND_AGAIN, Deed.DONE}
        ]
        topics = {
            str(action.details["sent_to"]).rsplit(" ", 2)[0]
            for action in actions
            if "sent_to" in action.details
        }
        committed = {topic: await self._box.committed(topic) for topic in topics}
        return read_letters(records, actions, committed)

    async def letter(self, place: str) -> Letter:
        """The one that lies there."""
        for letter in await self.letters():
            if letter.place == place:
                return letter
        raise OperationError(f"there is no dead letter {place}: the list shows all")

    async def waiting(self, *, reason: str | None = None) -> list[Letter]:
        """Those that can be sent again and never were, whose reason has these words."""
        wanted = (reason or "").casefold()
        return [
            letter
            for letter in await self.letters()
            if letter.state == "new"
            and hindrance(letter) is None
            and wanted
            in f"{letter.reason}\n{letter.facts and letter.facts.reason}".casefold()
        ]

    async def send_again(
        self, letters: Sequence[Letter], person: Person, *, dry_run: bool = False
    ) -> list[Action]:
        """Send each to the topic it came from: same bytes, key and headers.

        dry_run: nothing is sent and nothing noted.
        Raises OperationError, before any is sent, when one of them cannot be.
        """
        for letter in letters:
            if why := hindrance(letter):
                raise OperationError(why)
        return [] if dry_run else [await self._send(each, person) for each in letters]

    async def done(self, letter: Letter, person: Person) -> Action:
        """Nothing more is to be done about it."""
        about = {"died_at": letter.died_at.isoformat()}
        entered = noted(self._history, person, Deed.DONE, letter.place, **about)
        async with entered as entry:
            entry.say(f"dead letter {letter.place} is done with")
        return entry.action

    async def _send(self, letter: Letter, person: Person) -> Action:
        record = letter.record
        topic = origin_of(letter).rsplit(" ", 2)[0]
        about = {"died_at": letter.died_at.isoformat()}
        entered = noted(self._history, person, Deed.SEND_AGAIN, letter.place, **about)
        async with entered as entry:
            partition, offset = await self._box.send(
                topic, key=record.key, body=record.value, headers=letter.own_headers
            )
            there = place_of(topic, partition, offset)
            entry.say(
                f"dead letter {letter.place} was sent again: it is now message {there}",
                sent_to=there,
            )
        return entry.action


def hindrance(letter: Letter) -> str | None:
    """Why it cannot be sent again, or None."""
    if letter.facts is None:
        return f"record {letter.place} tells no origin: it is no dead letter"
    if letter.facts.stage == "fetch":
        return (
            f"dead letter {letter.place} was refused by the {letter.facts.service} before"
            " it became a message, so there is nothing to send again: the source has to"
            " mend the batch"
        )
    return None
