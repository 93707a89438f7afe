"""A batch has one result: what is done again after a kill between any two effects."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from relevo_contracts import OutageError, PoisonError
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_runtime.testing import eventually
from relevo_storage import Fatal, make_known, once
from relevo_storage.fakes import MemoryCatalog

T = TypeVar("T")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
BATCH = "diabetes130-0001"


def made(rows: int = 10) -> StageResult:
    return StageResult(
        batch_id=BATCH,
        dataset="diabetes130",
        number=1,
        stage=Stage.CLEAN,
        verdict=Verdict.ACCEPTED,
        rows=rows,
        announcement=Announcement(envelope={"id": "e"}, body={"rows": rows}),
        started_at=NOW,
        finished_at=NOW,
    )


class Service:
    """A stage that works, tells, and fails where it is told to."""

    def __init__(self) -> None:
        self.catalog = MemoryCatalog()
        self.worked: list[StageResult] = []
        self.announced: list[StageResult] = []
        self.recorded: list[StageResult] = []
        self.failing: Exception | None = None

    async def work(self) -> StageResult:
        self.worked.append(made(rows=10 + len(self.worked)))
        return self.worked[-1]

    async def announce(self, result: StageResult) -> None:
        if self.failing:
            raise self.failing
        self.announced.append(result)

    async def hear(self) -> StageResult:
        return await once(
            self.catalog,
            BATCH,
            Stage.CLEAN,
            self.work,
            announce=self.announce,
            recorded=self.recorded.append,
        )

    async def unannounced(self) -> list[StageResult]:
        return await self.catalog.unannounced("diabetes130", Stage.CLEAN)


async def test_a_batch_that_is_new_is_worked_on_recorded_announced_and_marked() -> None:
    service = Service()

    result = await service.hear()

    assert service.worked == service.announced == service.recorded == [result]
    assert await service.unannounced() == []


async def test_a_batch_that_is_heard_of_again_is_announced_again_but_not_worked_on() -> (
    None
):
    service = Service()

    results = [await service.hear() for _ in range(2)]

    assert service.worked == service.recorded == [results[0]]
    assert service.announced == results
    assert results[0] == results[1]


async def test_work_that_another_process_was_quicker_with_gives_way_to_its_result() -> None:
    service = Service()

    async def slow() -> StageResult:
        await service.catalog.record(made(rows=99))
        return await service.work()

    result = await once(
        service.catalog, BATCH, Stage.CLEAN, slow, announce=service.announce
    )

    assert [each.rows for each in service.announced] == [99]
    assert result.rows == 99


@pytest.mark.parametrize("error", [OutageError("Kafka"), PoisonError("refused")])
async def test_what_could_not_be_announced_is_not_marked_and_needs_no_work_again(
    error: Exception,
) -> None:
    service = Service()
    service.failing = error

    with pytest.raises(type(error)):
        await service.hear()
    assert await service.unannounced() == service.worked
    service.failing = None
    await service.hear()

    assert len(service.worked) == 1
    assert await service.unannounced() == []


async def test_work_that_failed_leaves_nothing() -> None:
    service = Service()

    async def fail() -> StageResult:
        raise PoisonError("no such batch")

    with pytest.raises(PoisonError):
        await once(service.catalog, BATCH, Stage.CLEAN, fail, announce=service.announce)

    assert await service.catalog.find(BATCH, Stage.CLEAN) is None
    assert service.announced == []


async def test_a_patient_service_reaches_each_effect_again_by_itself() -> None:
    service = Service()
    service.failing = OutageError("Kafka")
    reached: list[str] = []

    async def patient(operation: Callable[[], Awaitable[T]], /, *, what: str) -> T:
        reached.append(what)
        try:
            return await operation()
        except OutageError:
            service.failing = None
            return await operation()

    catalog, announce = service.catalog, service.announce
    result = await once(
        catalog, BATCH, Stage.CLEAN, service.work, announce=announce, reach=patient
    )
    await make_known(catalog, result, announce, reach=patient)

    assert reached == [*["the catalog"] * 3, *["Kafka", "the catalog"] * 2]
    assert service.announced == [result, result]


async def test_of_two_processes_one_works_and_the_other_takes_its_result() -> None:
    service, is_slow = Service(), asyncio.Event()

    async def slow() -> StageResult:
        await is_slow.wait()
        return await service.work()

    at_work = asyncio.create_task(once(service.catalog, BATCH, Stage.CLEAN, slow))
    await eventually(lambda: bool(service.catalog.leases), "somebody is at work")
    with pytest.raises(OutageError, match="works on diabetes130-0001"):
        await service.hear()
    is_slow.set()
    made = await at_work

    assert await service.hear() == made
    assert service.worked == [made]


async def test_who_gets_the_lease_after_another_looks_again_before_it_works() -> None:
    service = Service()

    class Slow(MemoryCatalog):
        """Its first look was before the other one had recorded."""

        looked = False

        async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
            found = await super().find(batch_id, stage) if self.looked else None
            self.looked = True
            return found

    service.catalog = Slow()
    await service.catalog.record(made(rows=99))

    assert (await service.hear()).rows == 99
    assert service.worked == []


async def test_work_whose_lease_is_lost_ends_and_leaves_nothing() -> None:
    service, ended = Service(), []

    async def slow() -> StageResult:
        service.catalog.lose(BATCH, Stage.CLEAN)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("killed")
        return await service.work()

    with pytest.raises(OutageError, match="lost"):
        await once(service.catalog, BATCH, Stage.CLEAN, slow, announce=service.announce)

    assert (ended, service.worked, service.announced) == (["killed"], [], [])


async def test_a_batch_that_killed_three_processes_is_refused_until_asked_for_again() -> (
    None
):
    service, place = Service(), (BATCH, Stage.CLEAN)

    def refused(reason: str) -> StageResult:
        return made().model_copy(update={"verdict": Verdict.REFUSED, "reason": reason})

    async def hear() -> StageResult:
        fatal = Fatal(3, refused)
        return await once(service.catalog, *place, service.work, fatal=fatal)

    service.catalog.deaths[place] = 3
    results = [await hear() for _ in range(2)]
    assert results == [refused("its processing killed the process three times")] * 2
    assert service.worked == []

    await service.catalog.ask_again(BATCH, [Stage.CLEAN])
    assert [await hear()] == service.worked


async def test_a_batch_that_killed_two_processes_is_worked_on() -> None:
    service, place = Service(), (BATCH, Stage.CLEAN)
    service.catalog.deaths[place] = 2

    result = await once(
        service.catalog, *place, service.work, fatal=Fatal(3, lambda _: made())
    )

    assert [result] == service.worked
