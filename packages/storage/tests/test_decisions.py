"""What every catalog does with decisions: the suite, for the fake and the real one."""

from datetime import UTC, datetime
from typing import Any

from relevo_contracts.results import Decision, Stage, StageResult, Verdict
from relevo_storage.fakes import MemoryCatalog

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def decision(dataset: str, number: int = 1, **facts: Any) -> Decision:
    """A released batch; `facts` replace what it says."""
    usual = {
        "batch_id": f"{dataset}-{number:04d}",
        "dataset": dataset,
        "decision": "released",
        "who": "ana",
        "why": "a flu",
        "at": NOW,
    }
    return Decision.model_validate(usual | facts)


def trained(dataset: str, number: int, verdict: Verdict) -> StageResult:
    return StageResult(
        batch_id=f"{dataset}-{number:04d}",
        dataset=dataset,
        number=number,
        stage=Stage.TRAINED,
        verdict=verdict,
        started_at=NOW,
        finished_at=NOW,
    )


async def test_the_last_decision_about_a_batch_counts(
    catalog: MemoryCatalog, dataset: str
) -> None:
    first, other = decision(dataset), decision(dataset, 2, decision="rejected")
    last = decision(dataset, decision="rejected", who="bo", why="it was no flu")
    for each in (first, other, last):
        await catalog.decide(each)

    assert await catalog.decisions(dataset) == {
        last.batch_id: last,
        other.batch_id: other,
    }
    assert await catalog.decisions(f"{dataset}-2") == {}


async def test_a_released_batch_that_was_held_is_to_be_learned_from(
    catalog: MemoryCatalog, dataset: str
) -> None:
    for number, verdict in ((1, Verdict.HELD), (2, Verdict.HELD), (3, Verdict.KEPT)):
        await catalog.record(trained(dataset, number, verdict))

    await catalog.decide(decision(dataset, 1))
    await catalog.decide(decision(dataset, 2, decision="rejected"))
    await catalog.decide(decision(dataset, 3))

    stand = {
        each.number: each.again for each in await catalog.results(dataset, Stage.TRAINED)
    }
    assert stand == {1: True, 2: False, 3: False}
    assert await catalog.find(f"{dataset}-0001", Stage.TRAINED) is None
