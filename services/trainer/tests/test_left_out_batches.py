"""Odd batches are held, lost ones left out; people release and reject them."""

from datetime import UTC, datetime
from typing import Literal

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import BatchClean, BatchHeld, Envelope, Event, ObjectRef
from relevo_contracts.results import Decision, Stage, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from relevo_storage import put_by_hash
from relevo_storage.fakes import MemoryCatalog, MemoryStore
from trainer.handlers import build_handler
from trainer.jobs.process import Tell
from trainer.learning.assignment import Assignment
from trainer.recording.registered import HeldBatch, Registered

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TOLD = TrainedStatistics(champion_version="3", live=0.34)


class World:
    """A trainer that promotes each batch, or finds it odd, and says what it was told."""

    def __init__(self) -> None:
        self.store, self.catalog = MemoryStore(), MemoryCatalog()
        self.assignments: list[Assignment] = []
        self.told: list[Event] = []
        self.odd: str | None = None
        self.handle = build_handler(
            store=self.store,
            catalog=self.catalog,
            publisher=self,
            train=self.train,
            code_version="0123456789ab",
            threads=2,
            deaths=3,
        )

    async def train(self, assignment: Assignment, _: Tell) -> Registered | HeldBatch:
        self.assignments.append(assignment)
        model = assignment.model
        if self.odd and not assignment.is_released:
            return HeldBatch(model, "run", self.odd, TOLD)
        return Registered(model, "4", "run", True, "because", "3", TrainedStatistics())

    async def publish(self, event: Event, envelope: Envelope) -> None:
        assert envelope.type == event.type
        self.told.append(event)

    async def bury(self, *_: object, **__: object) -> None:
        raise AssertionError("a handler buries nothing")

    async def hear(self, number: int, *, odd: str | None = None) -> StageResult:
        """The batch's event; what stands of its training afterwards."""
        event = await self.cleaned(number)
        self.odd = odd
        await self.handle(event, Envelope.of(event, source="cleaner", cause="the test"))
        result = await self.catalog.find(event.batch_id, Stage.TRAINED)
        assert result is not None
        return result

    async def cleaned(self, number: int) -> BatchClean:
        """What the cleaner leaves."""
        content = f"table {number}".encode()
        table = await put_by_hash(self.store, "clean/d", content, suffix=".parquet")
        facts = {"batch_id": f"d-{number:04d}", "dataset": "d", "number": number}
        await self.catalog.record(
            StageResult(
                **facts,
                stage=Stage.CLEAN,
                verdict=Verdict.ACCEPTED,
                table=table,
                started_at=NOW,
                finished_at=NOW,
            )
        )
        return BatchClean(
            **facts,
            table=table,
            report=ObjectRef(key="r", sha256="1" * 64, size=1),
            rows_in=15_000,
            rows_out=14_700,
            rows_quarantined=0,
            raw_sha256="2" * 64,
            released_at=NOW,
            cleaned_at=NOW,
        )

    async def decide(self, number: int, decision: Literal["released", "rejected"]) -> None:
        await self.catalog.decide(
            Decision(
                batch_id=f"d-{number:04d}",
                dataset="d",
                decision=decision,
                who="ana",
                why="asked the hospital",
                at=NOW,
            )
        )


@pytest.fixture
def world() -> World:
    return World()


async def test_a_held_batch_is_told_of_and_later_trainings_do_without_it(
    world: World,
) -> None:
    await world.hear(1)
    held = await world.hear(2, odd="90 % are positive")
    await world.hear(3)

    assert (held.verdict, held.reason) == (Verdict.HELD, "90 % are positive")
    [event] = world.told
    assert isinstance(event, BatchHeld)
    assert (event.number, event.model_version, event.live) == (2, "3", 0.34)
    assert world.assignments[-1].batches == ("d-0001", "d-0003")
    assert world.assignments[-1].left_out == {"d-0002": "held: 90 % are positive"}


async def test_a_released_batch_is_learned_from_once_with_all_that_had_their_turn(
    world: World,
) -> None:
    await world.hear(1)
    await world.hear(2, odd="odd")
    await world.hear(3)
    await world.cleaned(4)

    await world.decide(2, "released")
    released = await world.hear(2, odd="odd")
    await world.hear(2, odd="odd")

    assert released.verdict is Verdict.PROMOTED
    assert len(world.assignments) == 4
    assert world.assignments[-1].run_key != world.assignments[1].run_key
    [held] = await world.catalog.earlier_tries("d-0002", Stage.TRAINED)
    assert held.verdict is Verdict.HELD
    assert world.assignments[-1].batches == ("d-0001", "d-0003", "d-0002")


async def test_a_released_batch_is_in_the_next_training_whether_it_was_heard_again_or_not(
    world: World,
) -> None:
    await world.hear(1)
    await world.hear(2, odd="odd")
    await world.decide(2, "released")
    await world.hear(3)

    assert world.assignments[-1].batches == ("d-0001", "d-0002", "d-0003")


async def test_a_rejected_batch_is_left_out_also_when_it_was_learned_from(
    world: World,
) -> None:
    await world.hear(1)
    await world.decide(1, "rejected")
    await world.hear(2)

    assert world.assignments[-1].batches == ("d-0002",)
    assert world.assignments[-1].left_out == {
        "d-0001": "rejected by ana: asked the hospital"
    }


async def test_a_batch_that_was_rejected_before_its_turn_is_held(world: World) -> None:
    await world.decide(1, "rejected")

    held = await world.hear(1)

    assert (held.verdict, held.reason) == (
        Verdict.HELD,
        "rejected by ana: asked the hospital",
    )
    assert world.assignments == []


async def test_earlier_batches_that_are_lost_are_left_out_and_told_until_they_are_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.jobs.gathering.LOOK_AGAIN_SECONDS", 0.01)
    first, second = [(await world.cleaned(number)).table.key for number in (1, 2)]
    kept = world.store.objects.pop(first)
    world.store.objects[second] = b"other bytes"

    def shown() -> float | None:
        return REGISTRY.get_sample_value("relevo_trainer_lost_batches", {"dataset": "d"})

    await world.hear(3)

    without = world.assignments[-1]
    assert without.batches == ("d-0003",)
    assert set(without.lost) == {"d-0001", "d-0002"}
    assert without.lost["d-0001"].startswith("no object 'clean/d/")
    assert "has SHA-256" in without.lost["d-0002"]
    assert shown() == 2

    world.store.objects[first] = kept
    await world.hear(4)

    assert world.assignments[-1].batches == ("d-0001", "d-0003", "d-0004")
    assert shown() == 1


async def test_a_table_that_is_back_at_the_second_look_is_learned_from(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await world.cleaned(1)).table.key
    kept = world.store.objects.pop(first)

    async def meanwhile(_: float) -> None:
        world.store.objects[first] = kept

    monkeypatch.setattr("trainer.jobs.gathering.asyncio.sleep", meanwhile)
    await world.hear(2)

    (assignment,) = world.assignments
    assert assignment.batches == ("d-0001", "d-0002")
    assert assignment.lost == {}


async def test_the_table_of_a_rejected_batch_may_be_lost(world: World) -> None:
    lost = (await world.cleaned(1)).table.key
    await world.decide(1, "rejected")
    del world.store.objects[lost]

    await world.hear(2)

    assert world.assignments[-1].lost == {}
