"""What is to be done, as a form says it: told before it is done, and then done."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.doing.hands import Hands
from relevo_contracts.actions import Action, Deed
from relevo_contracts.results import Stage
from relevo_operations.again import Errand, told
from relevo_operations.batches import Batches
from relevo_operations.dead_letters import DeadLetters
from relevo_operations.errors import OperationError
from relevo_operations.history import Person
from relevo_operations.letters import Letter
from relevo_operations.models import Models

SAID = {
    Deed.ROLLBACK: "Put a version back on duty",
    Deed.PROMOTE: "Put this version on duty, whatever its verdict was",
    Deed.HOLD: "Hold the model: the trainer does not move its champion until it is resumed",
    Deed.RESUME: "Let the trainer move the champion again",
    Deed.SEND_AGAIN: "Send again to the topic it came from: same bytes, key and headers",
    Deed.DONE: "Be done with it: nothing more is to be done about it",
    Deed.RETRY: "Have the stage that refused it, or never ended with it, try once more",
    Deed.REPLAY: "Make it again, by the rules and the code of today",
    Deed.RELEASE: "Have the trainer learn from it, odd as it is",
    Deed.REJECT: "Leave it out of all that is still to be learned, also of the tests",
}
MOST_DIGITS = 19
AGAIN = {Deed.RETRY, Deed.REPLAY}
DECISIONS = {Deed.RELEASE, Deed.REJECT}
ON_MODELS = {Deed.ROLLBACK, Deed.PROMOTE, Deed.HOLD, Deed.RESUME}


@dataclass(frozen=True)
class Wish:
    """A deed and what it is about.

    subject: a model's name, a dead letter's place, or a batch's id. version: empty for the
    one before. reason: instead of a subject, all letters that wait with these words.
    stage: where a replay begins.
    """

    what: Deed
    subject: str = ""
    version: str = ""
    reason: str = ""
    stage: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "Wish":
        """What a form's fields say; raises OperationError for no deed of ours."""
        try:
            what = Deed(fields.get("what", ""))
        except ValueError as error:
            raise OperationError("there is nothing of that name to be done") from error
        names = ("subject", "version", "reason", "stage")
        return cls(what, **{name: fields.get(name, "") for name in names})

    @property
    def is_on_a_model(self) -> bool:
        """True when its subject is a model."""
        return self.what in ON_MODELS

    @property
    def is_on_a_batch(self) -> bool:
        """True when its subject is a batch."""
        return self.what in AGAIN | DECISIONS

    @property
    def needs_why(self) -> bool:
        """True when it is not done without a reason."""
        return self.what in DECISIONS | {Deed.HOLD}


async def letters_of(wish: Wish, hands: Hands) -> list[Letter]:
    """The dead letters that it is about: what a dry run tells."""
    async with hands.letters() as letters:
        return await _chosen(wish, letters)


async def foretold(wish: Wish, hands: Hands) -> str:
    """Which stages would make a batch again. Raises OperationError, OutageError as `do`."""
    if wish.what in DECISIONS:
        return ""
    async with hands.batches() as batches:
        return told(await _errands(wish, batches))


async def do(wish: Wish, hands: Hands, person: Person) -> list[Action]:
    """Do it. Raises OperationError and OutageError as `relevo_operations` does."""
    if wish.is_on_a_model:
        async with hands.models() as models:
            return [await _with_model(wish, models, person)]
    if wish.what in DECISIONS:
        async with hands.held() as held:
            decide = held.release if wish.what is Deed.RELEASE else held.reject
            return [await decide(*_batch(wish), person)]
    if wish.what in AGAIN:
        async with hands.batches() as batches:
            if wish.what is Deed.RETRY:
                return [await batches.retry(*_batch(wish), person)]
            return [await batches.replay(await _errands(wish, batches), person)]
    async with hands.letters() as letters:
        chosen = await _chosen(wish, letters)
        if wish.what is Deed.SEND_AGAIN:
            return await letters.send_again(chosen, person)
        return [await letters.done(letter, person) for letter in chosen]


async def _chosen(wish: Wish, letters: DeadLetters) -> list[Letter]:
    if wish.subject:
        return [await letters.letter(wish.subject)]
    if found := await letters.waiting(reason=wish.reason):
        return found
    raise OperationError("no dead letter waits for this reason (any more)")


async def _errands(wish: Wish, batches: Batches) -> list[Errand]:
    dataset, number = _batch(wish)
    if wish.what is Deed.RETRY:
        return [await batches.retried(dataset, number)]
    if wish.stage not in set(Stage):
        raise OperationError("there is no stage of that name")
    return await batches.replayed(dataset, Stage(wish.stage), number, number)


def _batch(wish: Wish) -> tuple[str, int]:
    """The dataset and the number of a batch's id."""
    dataset, _, number = wish.subject.rpartition("-")
    if not (dataset and number.isdecimal() and len(number) < MOST_DIGITS):
        raise OperationError(f"{wish.subject!r} is no batch's id")
    return dataset, int(number)


async def _with_model(wish: Wish, models: Models, person: Person) -> Action:
    match wish.what:
        case Deed.ROLLBACK:
            return await models.roll_back(wish.subject, person, to=wish.version or None)
        case Deed.PROMOTE:
            return await models.promote(wish.subject, wish.version, person)
        case Deed.HOLD:
            return await models.hold(wish.subject, person)
        case _:
            return await models.resume(wish.subject, person)
