"""Releasing and rejecting batches, and what the history says of it."""

from datetime import UTC, datetime

import pytest

from relevo_contracts import OutageError
from relevo_contracts.actions import Deed
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_operations.errors import OperationError
from relevo_operations.held_batches import HeldBatches
from relevo_operations.history import Person
from relevo_storage.fakes import MemoryCatalog

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANA = Person("ana", "asked the hospital")


@pytest.fixture
async def catalog() -> MemoryCatalog:
    """Batch 1 was learned from, 2 is held, 3 is clean, 4 was refused by the cleaner."""
    catalog = MemoryCatalog()
    for number, stage, verdict in (
        (1, Stage.CLEAN, Verdict.ACCEPTED),
        (1, Stage.TRAINED, Verdict.PROMOTED),
        (2, Stage.CLEAN, Verdict.ACCEPTED),
        (2, Stage.TRAINED, Verdict.HELD),
        (3, Stage.CLEAN, Verdict.ACCEPTED),
        (4, Stage.CLEAN, Verdict.REFUSED),
    ):
        await catalog.record(
            StageResult(
                batch_id=f"m-{number:04d}",
                dataset="m",
                number=number,
                stage=stage,
                verdict=verdict,
                reason="90 % are positive" if verdict is Verdict.HELD else None,
                started_at=NOW,
                finished_at=NOW,
            )
        )
    return catalog


async def test_a_held_batch_is_released_with_who_and_why(catalog: MemoryCatalog) -> None:
    batches = HeldBatches(catalog)

    action = await batches.release("m", 2, ANA)

    assert (action.what, action.subject, action.outcome) == (
        Deed.RELEASE,
        "m-0002",
        "done",
    )
    assert action.result == (
        "batch m-0002 is released: it is learned from as soon as its turn comes"
    )
    assert await catalog.actions(subject="m-0002") == [action]
    decided = (await catalog.decisions("m"))["m-0002"]
    assert str(decided) == "released by ana: asked the hospital"
    assert await catalog.find("m-0002", Stage.TRAINED) is None
    assert await batches.held("m") == []


async def test_a_batch_that_was_learned_from_is_rejected_and_taken_back(
    catalog: MemoryCatalog,
) -> None:
    batches = HeldBatches(catalog)

    rejected = await batches.reject("m", 1, ANA)
    held = await batches.held("m")
    taken_back = await batches.release("m", 1, ANA)

    assert "the next training does without it" in str(rejected.result)
    assert [(each.batch_id, each.reason) for each in held] == [
        ("m-0001", ""),
        ("m-0002", "90 % are positive"),
    ]
    assert taken_back.result == (
        "batch m-0001 is released: the next training learns from it again"
    )


async def test_a_batch_can_be_rejected_before_anything_learned_from_it(
    catalog: MemoryCatalog,
) -> None:
    action = await HeldBatches(catalog).reject("m", 3, ANA)

    assert action.result == "batch m-0003 is rejected: nothing learns from it"


async def test_what_cannot_be_done_is_told_and_not_noted(catalog: MemoryCatalog) -> None:
    batches = HeldBatches(catalog)

    for number, person, why in (
        (1, ANA, "batch m-0001 is neither held nor rejected"),
        (4, ANA, "there is no clean batch 4 of m"),
        (2, Person("ana"), "m-0002 is not released without a reason"),
    ):
        with pytest.raises(OperationError, match=why):
            await batches.release("m", number, person)
    assert await catalog.actions() == []


async def test_nothing_is_decided_that_cannot_be_noted(catalog: MemoryCatalog) -> None:
    catalog.away = True

    with pytest.raises(OutageError):
        await HeldBatches(catalog).release("m", 2, ANA)
    assert catalog.decided == {}
