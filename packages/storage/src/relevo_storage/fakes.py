"""The ports in memory, for tests; one behaviour suite holds them and the real ones."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from relevo_contracts import OutageError
from relevo_contracts.actions import Action
from relevo_contracts.results import Decision, Promotion, Stage, StageResult, Verdict
from relevo_storage.stored_form import stored_form


class MemoryStore:
    """ObjectStore in a dictionary; `away = True` is an outage."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.away = False

    async def put(self, key: str, content: bytes) -> None:
        self._reach()
        self.objects[key] = bytes(content)

    async def get(self, key: str) -> bytes:
        self._reach()
        if key not in self.objects:
            raise FileNotFoundError(key)
        return self.objects[key]

    async def exists(self, key: str) -> bool:
        self._reach()
        return key in self.objects

    def _reach(self) -> None:
        if self.away:
            raise OutageError("the object store does not work: away, says the test")


class MemoryCatalog:
    """Catalog, decisions and both histories in dictionaries; `away = True` is an outage.

    deaths: what the next lease on (batch, stage) is told.
    """

    def __init__(self) -> None:
        self.stage_results: dict[tuple[str, Stage], StageResult] = {}
        self.announced: dict[tuple[str, Stage], list[datetime]] = {}
        self.replaced: list[StageResult] = []
        self.history: dict[str, Promotion] = {}
        self.decided: dict[str, Decision] = {}
        self.deeds: dict[str, Action] = {}
        self.leases: dict[tuple[str, Stage], asyncio.Timeout] = {}
        self.deaths: dict[tuple[str, Stage], int] = {}
        self.away = False

    @asynccontextmanager
    async def lease(self, batch_id: str, stage: Stage) -> AsyncIterator[int]:
        self._reach()
        if (place := (batch_id, stage)) in self.leases:
            raise OutageError(f"somebody works on {batch_id} ({stage})")
        try:
            async with asyncio.timeout(None) as self.leases[place]:
                yield self.deaths.get(place, 0)
        except TimeoutError as error:
            if not self.leases[place].expired():
                raise
            raise OutageError("the lease was lost") from error
        finally:
            del self.leases[place]
            self.deaths.pop(place, None)

    def lose(self, batch_id: str, stage: Stage) -> None:
        """Whoever has that lease has it no longer."""
        self.leases[batch_id, stage].reschedule(asyncio.get_running_loop().time())

    async def record(self, result: StageResult) -> StageResult:
        self._reach()
        kept = stored_form(result)
        key = (kept.batch_id, kept.stage)
        if (stands := self.stage_results.get(key)) and stands.again:
            self.replaced.append(stands.model_copy(update={"again": False}))
            self.announced.pop(key, None)
            self.stage_results[key] = kept
        return self.stage_results.setdefault(key, kept)

    async def ask_again(self, batch_id: str, stages: Sequence[Stage]) -> None:
        self._reach()
        for key, result in self.stage_results.items():
            if key[0] == batch_id and key[1] in stages:
                self.stage_results[key] = result.model_copy(update={"again": True})

    async def revision(self, batch_id: str, stage: Stage) -> int:
        stands = self.stage_results.get((batch_id, stage))
        is_again = stands is not None and stands.again
        return 1 + is_again + len(await self.earlier_tries(batch_id, stage))

    async def earlier_tries(self, batch_id: str, stage: Stage) -> list[StageResult]:
        self._reach()
        key = batch_id, stage
        return [each for each in self.replaced if (each.batch_id, each.stage) == key]

    async def record_again(
        self, result: StageResult, *, instead_of: StageResult
    ) -> StageResult:
        self._reach()
        stands = self.stage_results[result.batch_id, result.stage]
        if stands.verdict is not Verdict.REFUSED or stands != stored_form(instead_of):
            return stands
        await self.ask_again(result.batch_id, [result.stage])
        return await self.record(result)

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        self._reach()
        result = self.stage_results.get((batch_id, stage))
        return None if result is None or result.again else result

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        self._reach()
        found = [
            result
            for result in self.stage_results.values()
            if (result.dataset, result.stage) == (dataset, stage)
        ]
        return sorted(found, key=lambda result: (result.number, result.batch_id))

    async def unannounced(self, dataset: str, stage: Stage) -> list[StageResult]:
        return [
            result
            for result in await self.results(dataset, stage)
            if result.announcement and (result.batch_id, stage) not in self.announced
        ]

    async def mark_announced(self, batch_id: str, stage: Stage) -> None:
        self._reach()
        result = self.stage_results.get((batch_id, stage))
        if result and result.announcement:
            self.announced.setdefault((batch_id, stage), []).append(datetime.now(UTC))

    async def unanswered(
        self, dataset: str, stage: Stage, *, by: Stage, first: float, longest: float
    ) -> list[StageResult]:
        found = []
        for result in await self.results(dataset, stage):
            told = self.announced.get((result.batch_id, stage), [])
            delay = min(longest, first * 2.0 ** min(max(len(told) - 1, 0), 30))
            last = told[-1] if told else result.finished_at
            is_due = datetime.now(UTC) - last >= timedelta(seconds=delay)
            is_answered = await self.find(result.batch_id, by) is not None
            is_told = result.verdict is Verdict.ACCEPTED and result.announcement
            if is_told and not result.again and is_due and not is_answered:
                found.append(result)
        return found

    async def record_promotion(self, promotion: Promotion) -> Promotion:
        self._reach()
        of_model = await self.promotions(promotion.model)
        highest = max((each.number or 0 for each in of_model), default=0)
        number = max(promotion.number or 0, 1 + highest, 1 + len(of_model))
        kept = stored_form(promotion.model_copy(update={"number": number}))
        return self.history.setdefault(promotion.event_id, kept)

    async def last_promotions(self) -> list[Promotion]:
        self._reach()
        last = {entry.model: entry for entry in self.history.values()}
        return [last[model] for model in sorted(last)]

    async def promotions(self, model: str | None = None) -> list[Promotion]:
        self._reach()
        return [entry for entry in self.history.values() if model in (None, entry.model)]

    async def decide(self, decision: Decision) -> None:
        self._reach()
        self.decided[decision.batch_id] = stored_form(decision)
        trained = self.stage_results.get((decision.batch_id, Stage.TRAINED))
        is_held = trained is not None and trained.verdict is Verdict.HELD
        if is_held and decision.decision == "released":
            await self.ask_again(decision.batch_id, [Stage.TRAINED])

    async def decisions(self, dataset: str) -> dict[str, Decision]:
        self._reach()
        return {k: v for k, v in self.decided.items() if v.dataset == dataset}

    async def record_action(self, action: Action) -> None:
        self._reach()
        kept = stored_form(action)
        first = self.deeds.setdefault(kept.id, kept)
        end = kept.model_dump(include={"outcome", "result", "details"})
        self.deeds[kept.id] = first.model_copy(update=end)

    async def actions(
        self, *, subject: str | None = None, limit: int = 1000
    ) -> list[Action]:
        self._reach()
        told = [each for each in self.deeds.values() if subject in (None, each.subject)]
        return told[max(len(told) - limit, 0) :]

    def _reach(self) -> None:
        if self.away:
            raise OutageError("the catalog does not work: away, says the test")
