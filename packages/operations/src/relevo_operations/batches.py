"""What a person may do with batches: look at them, have them tried or made again."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pydantic import JsonValue

from relevo_contracts import BatchClean, BatchRaw, Envelope, Event
from relevo_contracts.actions import Action, Deed
from relevo_contracts.results import Stage, StageResult
from relevo_operations.again import Errand, Line, replays, retries, told
from relevo_operations.errors import OperationError
from relevo_operations.history import History, Person, noted
from relevo_operations.letter_box import LetterBox

ANNOUNCED: Mapping[Stage, type[BatchRaw | BatchClean]] = {
    Stage.RAW: BatchRaw,
    Stage.CLEAN: BatchClean,
}


class Kept(History, Protocol):
    """What the catalog keeps of batches, too; every adapter raises OutageError."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""

    async def ask_again(self, batch_id: str, stages: Sequence[Stage]) -> None:
        """Have these stages make their results for a batch once more."""

    async def earlier_tries(self, batch_id: str, stage: Stage) -> list[StageResult]:
        """The results whose place later tries have taken, oldest first."""


class Batches:
    """The batches of a platform in a person's hands.

    Raises OperationError when nothing can be done, OutageError while Kafka or the catalog
    is away.
    """

    def __init__(self, kept: Kept, box: LetterBox) -> None:
        self._kept = kept
        self._box = box

    async def lines(self, dataset: str) -> list[Line]:
        """The batches of a dataset with what each stage made of them, by number."""
        found: dict[int, dict[Stage, StageResult]] = {}
        for stage in Stage:
            for result in await self._kept.results(dataset, stage):
                found.setdefault(result.number, {})[stage] = result
        return [Line(dataset, number, found[number]) for number in sorted(found)]

    async def earlier(self, line: Line) -> list[StageResult]:
        """What the stages made of a batch before, stage by stage, oldest first."""
        tries = [await self._kept.earlier_tries(line.batch_id, stage) for stage in Stage]
        return [result for each in tries for result in each]

    async def line(self, dataset: str, number: int) -> Line:
        """One batch."""
        for line in await self.lines(dataset):
            if line.number == number:
                return line
        raise OperationError(
            f"there is no batch {number} of {dataset}: `relevo batches list` shows them"
        )

    async def retried(self, dataset: str, number: int) -> Errand:
        """What a retry would do."""
        return retries(await self.line(dataset, number))

    async def retry(self, dataset: str, number: int, person: Person) -> Action:
        """Have the stage that refused, or lost, a batch try it once more."""
        errand = await self.retried(dataset, number)
        line = errand.line
        about = {"stage": errand.first}
        async with noted(self._kept, person, Deed.RETRY, line.batch_id, **about) as entry:
            await self._send(errand)
            entry.say(told([errand]))
        return entry.action

    async def replayed(
        self, dataset: str, stage: Stage, first: int, last: int
    ) -> list[Errand]:
        """What a replay of these numbers would do; OperationError when it would nothing."""
        lines = [line for line in await self.lines(dataset) if first <= line.number <= last]
        if not lines:
            raise OperationError(f"{dataset} has no batch from {first} to {last}")
        return replays(lines, stage)

    async def replay(self, errands: Sequence[Errand], person: Person) -> Action:
        """Have a stage, and those after it, make batches again, in order.

        What they made before stands until then, and stays readable.
        """
        dataset, first = errands[0].line.dataset, errands[0].first
        numbers: list[JsonValue] = [errand.line.number for errand in errands]
        deed = Deed.REPLAY
        entered = noted(self._kept, person, deed, dataset, stage=first, batches=numbers)
        async with entered as entry:
            for errand in errands:
                await self._send(errand)
            entry.say(told(errands))
        return entry.action

    async def _send(self, errand: Errand) -> None:
        """Asked for first: a death before the message leaves what a repeat makes good."""
        await self._kept.ask_again(errand.line.batch_id, errand.stages)
        if errand.cause is not None:
            event, envelope = event_of(errand.cause)
            await self._box.send(
                event.topic.value,
                key=event.key.encode(),
                body=event.model_dump_json().encode(),
                headers=envelope.to_headers(),
            )


def event_of(result: StageResult) -> tuple[Event, Envelope]:
    """The event that the result became. Raises OperationError when it became none."""
    if result.announcement is None:
        raise OperationError(f"{result.batch_id} became no event at stage {result.stage}")
    return result.announcement.read(ANNOUNCED[result.stage])
