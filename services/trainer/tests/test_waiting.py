"""How many batches wait for a person."""

from datetime import UTC, datetime

from prometheus_client import REGISTRY

from relevo_contracts.results import Decision, Stage, StageResult, Verdict
from relevo_storage.fakes import MemoryCatalog
from trainer.jobs.waiting import show_held

NOW = datetime(2026, 1, 2, tzinfo=UTC)


async def test_held_batches_are_counted_until_somebody_has_decided() -> None:
    catalog = MemoryCatalog()
    for number, verdict in ((1, Verdict.KEPT), (2, Verdict.HELD), (3, Verdict.HELD)):
        await catalog.record(
            StageResult(
                batch_id=f"w-{number:04d}",
                dataset="w",
                number=number,
                stage=Stage.TRAINED,
                verdict=verdict,
                started_at=NOW,
                finished_at=NOW,
            )
        )

    async def shown() -> float | None:
        await show_held(catalog, ["w"])
        return REGISTRY.get_sample_value("relevo_trainer_held_batches", {"dataset": "w"})

    assert await shown() == 2
    await catalog.decide(
        Decision(
            batch_id="w-0002",
            dataset="w",
            decision="rejected",
            who="ana",
            why="the labels were flipped",
            at=NOW,
        )
    )
    assert await shown() == 1
