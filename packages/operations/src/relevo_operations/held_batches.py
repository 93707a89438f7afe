"""What a person may do with batches: see which are held, release them, reject any."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from relevo_contracts.actions import Action, Deed
from relevo_contracts.results import Decision, Stage, StageResult, Verdict
from relevo_operations.errors import OperationError
from relevo_operations.history import History, Person, noted


class Record(History, Protocol):
    """The catalog: results, decisions and histories."""

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        """The result of a stage for a batch, or None."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""

    async def decide(self, decision: Decision) -> None:
        """Keep the decision in place of an earlier one about the batch."""

    async def decisions(self, dataset: str) -> dict[str, Decision]:
        """The last decision about each batch of the dataset, by the batch's id."""


@dataclass(frozen=True)
class Held:
    """A batch that nothing learns from; decision: what a person made of it, if anything."""

    batch_id: str
    reason: str
    decision: Decision | None


class HeldBatches:
    """The batches of a platform in a person's hands.

    Raises OperationError when nothing can be done, OutageError while the catalog is away.
    """

    def __init__(self, record: Record) -> None:
        self._record = record

    async def held(self, dataset: str) -> list[Held]:
        """All that nothing learns from: held ones, and rejected ones, by number."""
        decisions = await self._record.decisions(dataset)
        found = {}
        for result in await self._record.results(dataset, Stage.TRAINED):
            decision = decisions.pop(result.batch_id, None)
            is_held = result.verdict is Verdict.HELD
            if decision.decision == "rejected" if decision else is_held:
                reason = result.reason if is_held else ""
                found[result.batch_id] = Held(result.batch_id, reason or "", decision)
        for batch_id, decision in decisions.items():
            if decision.decision == "rejected":
                found[batch_id] = Held(batch_id, "", decision)
        return [found[batch_id] for batch_id in sorted(found)]

    async def release(self, dataset: str, number: int, person: Person) -> Action:
        """Have a held or rejected batch learned from, odd as it is."""
        clean = await self._clean(dataset, number)
        trained = await self._record.find(clean.batch_id, Stage.TRAINED)
        decision = (await self._record.decisions(dataset)).get(clean.batch_id)
        is_rejected = decision is not None and decision.decision == "rejected"
        is_held = trained is not None and trained.verdict is Verdict.HELD
        if not is_held and not is_rejected:
            raise OperationError(f"batch {clean.batch_id} is neither held nor rejected")
        then = "it is learned from as soon as its turn comes"
        if not is_held:
            then = "the next training learns from it again"
        return await self._decide(clean, "released", person, then)

    async def reject(self, dataset: str, number: int, person: Person) -> Action:
        """Leave a batch out of all that is still to be learned."""
        clean = await self._clean(dataset, number)
        trained = await self._record.find(clean.batch_id, Stage.TRAINED)
        then = "nothing learns from it"
        if trained is not None and trained.verdict.is_of_a_model:
            then = (
                "the next training does without it, and who saw it may be relieved by who"
                " did not"
            )
        return await self._decide(clean, "rejected", person, then)

    async def _clean(self, dataset: str, number: int) -> StageResult:
        for result in await self._record.results(dataset, Stage.CLEAN):
            if result.number == number and result.verdict is Verdict.ACCEPTED:
                return result
        raise OperationError(f"there is no clean batch {number} of {dataset}")

    async def _decide(
        self,
        clean: StageResult,
        decision: Literal["released", "rejected"],
        person: Person,
        then: str,
    ) -> Action:
        if not person.why:
            raise OperationError(f"{clean.batch_id} is not {decision} without a reason")
        what = Deed.RELEASE if decision == "released" else Deed.REJECT
        entered = noted(self._record, person, what, clean.batch_id)
        async with entered as entry:
            await self._record.decide(
                Decision(
                    batch_id=clean.batch_id,
                    dataset=clean.dataset,
                    decision=decision,
                    who=person.who,
                    why=person.why,
                    at=datetime.now(UTC),
                )
            )
            entry.say(f"batch {clean.batch_id} is {decision}: {then}")
        return entry.action
