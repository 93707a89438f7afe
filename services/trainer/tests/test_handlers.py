"""batch.clean heard once, twice, and while something is away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import (
    BatchClean,
    Envelope,
    ObjectRef,
    OutageError,
    PoisonError,
)
from relevo_contracts.results import Promotion, Stage, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from relevo_runtime.kafka.consuming import Handler
from relevo_runtime.testing import eventually
from relevo_storage import put_by_hash
from relevo_storage.fakes import MemoryCatalog, MemoryStore
from trainer.handlers import build_handler
from trainer.jobs.process import Tell, Train
from trainer.judging.champion import Holder
from trainer.learning.assignment import Assignment
from trainer.learning.stages import Progress
from trainer.recording.registered import Registered

Cleaned = Callable[..., Awaitable[BatchClean]]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Trainer:
    """Train that answers at once, or raises `error`."""

    def __init__(self) -> None:
        self.assignments: list[Assignment] = []
        self.error: Exception | None = None
        self.is_promoted = True
        self.statistics = TrainedStatistics(figure="roc_auc", test=0.66, model_version="4")

    async def __call__(self, assignment: Assignment, tell: Tell) -> Registered:
        self.assignments.append(assignment)
        tell(Progress("fit"))
        assert REGISTRY.get_sample_value(
            "relevo_trainer_stage",
            {
                "model": assignment.model,
                "batch_id": assignment.batch_id,
                "stage": "fit",
            },
        )
        if self.error:
            raise self.error
        tell(Progress("fit", 1.5))
        return Registered(
            model=assignment.model,
            version="4",
            run_id="run",
            is_promoted=self.is_promoted,
            reason="because",
            relieves="3",
            statistics=self.statistics,
        )


class Silent:
    """EventPublisher that nobody needs."""

    async def publish(self, *_: object, **__: object) -> None:
        raise AssertionError("only a held batch is told of")

    bury = publish


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def catalog() -> MemoryCatalog:
    return MemoryCatalog()


@pytest.fixture
def trainer() -> Trainer:
    return Trainer()


def handler(
    store: MemoryStore, catalog: MemoryCatalog, train: Train
) -> Handler[BatchClean]:
    return build_handler(
        store=store,
        catalog=catalog,
        publisher=Silent(),
        train=train,
        code_version="0123456789ab",
        threads=2,
        deaths=3,
    )


@pytest.fixture
def handle(
    store: MemoryStore, catalog: MemoryCatalog, trainer: Trainer
) -> Handler[BatchClean]:
    return handler(store, catalog, trainer)


@pytest.fixture
def cleaned(store: MemoryStore, catalog: MemoryCatalog) -> Cleaned:
    """(number, verdict) -> the event of a batch that the cleaner left in the catalog."""

    async def event(number: int, verdict: Verdict = Verdict.ACCEPTED) -> BatchClean:
        content = f"table {number}".encode()
        table = await put_by_hash(store, "clean/diabetes130", content, suffix=".parquet")
        clean = BatchClean(
            batch_id=f"diabetes130-{number:04d}",
            dataset="diabetes130",
            number=number,
            table=table,
            report=ObjectRef(key="r", sha256="1" * 64, size=1),
            rows_in=15_000,
            rows_out=14_700,
            rows_quarantined=0,
            raw_sha256="2" * 64,
            released_at=NOW,
            cleaned_at=NOW,
        )
        await catalog.record(
            StageResult(
                batch_id=clean.batch_id,
                dataset=clean.dataset,
                number=number,
                stage=Stage.CLEAN,
                verdict=verdict,
                table=table if verdict is Verdict.ACCEPTED else None,
                started_at=NOW,
                finished_at=NOW,
            )
        )
        return clean

    return event


def envelope(event: BatchClean) -> Envelope:
    return Envelope.of(event, source="cleaner", cause="the test")


async def test_a_batch_is_learned_from_together_with_all_before_it(
    handle: Handler[BatchClean], cleaned: Cleaned, trainer: Trainer
) -> None:
    await cleaned(1)
    await cleaned(2, Verdict.REFUSED)
    third = await cleaned(3)
    await cleaned(4)

    heard = envelope(third)

    await handle(third, heard)

    (assignment,) = trainer.assignments
    assert assignment.batches == ("diabetes130-0001", "diabetes130-0003")
    assert [table.content for table in assignment.tables] == [b"table 1", b"table 3"]
    assert assignment.run_key.startswith("diabetes130-0003:0123456789ab")
    assert assignment.traceparent == heard.traceparent


@pytest.mark.parametrize(
    ("is_promoted", "verdict"), [(True, Verdict.PROMOTED), (False, Verdict.KEPT)]
)
async def test_the_verdict_is_in_the_catalog_with_its_figures(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    catalog: MemoryCatalog,
    trainer: Trainer,
    is_promoted: bool,
    verdict: Verdict,
) -> None:
    trainer.is_promoted = is_promoted
    event = await cleaned(1)

    await handle(event, envelope(event))

    result = await catalog.find(event.batch_id, Stage.TRAINED)
    assert result is not None
    assert (result.verdict, result.reason) == (verdict, "because")
    assert TrainedStatistics.read(result.statistics) == trainer.statistics


async def test_a_batch_that_has_its_verdict_is_shown_with_its_age(
    handle: Handler[BatchClean], cleaned: Cleaned
) -> None:
    def shown(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(f"relevo_trainer_{name}", labels)

    event = await cleaned(3)
    await handle(event, envelope(event))

    assert shown("newest_batch_number", dataset="diabetes130") == 3
    assert (shown("training_seconds_count", model="diabetes130") or 0) > 0
    labels = {"model": "diabetes130", "batch_id": "diabetes130-0003"}
    assert (shown("released_to_verdict_seconds", **labels) or 0) > 0


async def test_a_job_is_told_who_serves_and_how_often_that_one_was_met(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    catalog: MemoryCatalog,
    store: MemoryStore,
    trainer: Trainer,
) -> None:
    bundle = await put_by_hash(store, "bundles/diabetes130", b"a bundle", suffix=".zip")
    trainer.statistics = TrainedStatistics(champion_sha256=bundle.sha256)
    trainer.is_promoted = False
    for number in (1, 2, 3):
        event = await cleaned(number)
        await handle(event, envelope(event))
        await catalog.record_promotion(
            Promotion(
                event_id="one",
                model="diabetes130",
                model_version="4",
                previous_version=None,
                bundle_sha256=bundle.sha256,
                batches=(),
                promoted_at=NOW,
            )
        )

    assert [each.verdicts for each in trainer.assignments] == [
        {},
        {bundle.sha256: 1},
        {bundle.sha256: 2},
    ]
    assert [each.promoted for each in trainer.assignments[1:]] == 2 * [
        Holder("4", b"a bundle")
    ]
    store.objects[bundle.key] = b"other bytes"
    fourth = await cleaned(4)
    await handle(fourth, envelope(fourth))
    assert trainer.assignments[-1].promoted == Holder("4", None)


async def test_a_batch_that_is_heard_of_twice_is_learned_from_once(
    handle: Handler[BatchClean], cleaned: Cleaned, trainer: Trainer
) -> None:
    event = await cleaned(1)

    await handle(event, envelope(event))
    await handle(event, envelope(event))

    assert len(trainer.assignments) == 1


async def test_a_batch_that_is_asked_for_again_is_learned_from_under_another_run_key(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    trainer: Trainer,
    catalog: MemoryCatalog,
) -> None:
    event = await cleaned(1)
    await handle(event, envelope(event))
    await catalog.ask_again(event.batch_id, [Stage.TRAINED])

    await handle(event, envelope(event))
    await handle(event, envelope(event))

    first, second = trainer.assignments
    assert first.run_key != second.run_key
    assert sum(second.verdicts.values()) == 1, "what was asked again was a chance, too"
    assert len(await catalog.earlier_tries(event.batch_id, Stage.TRAINED)) == 1


async def test_a_batch_that_teaches_nothing_is_refused_every_time(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    catalog: MemoryCatalog,
    trainer: Trainer,
) -> None:
    trainer.error = PoisonError("one class only")
    event = await cleaned(1)

    for _ in range(2):
        with pytest.raises(PoisonError, match="one class only"):
            await handle(event, envelope(event))

    result = await catalog.find(event.batch_id, Stage.TRAINED)
    assert result is not None
    assert (result.verdict, len(trainer.assignments)) == (Verdict.REFUSED, 1)


@pytest.mark.parametrize("error", [OutageError("MLflow is away"), RuntimeError("a bug")])
async def test_what_may_still_succeed_leaves_no_result(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    catalog: MemoryCatalog,
    trainer: Trainer,
    error: Exception,
) -> None:
    trainer.error = error
    event = await cleaned(1)

    with pytest.raises(type(error), match=str(error)):
        await handle(event, envelope(event))

    assert await catalog.find(event.batch_id, Stage.TRAINED) is None
    trainer.error = None
    await handle(event, envelope(event))
    assert await catalog.find(event.batch_id, Stage.TRAINED) is not None


async def test_a_batch_whose_own_table_is_not_there_waits_for_it(
    handle: Handler[BatchClean], cleaned: Cleaned, store: MemoryStore, trainer: Trainer
) -> None:
    event = await cleaned(1)
    kept = store.objects.pop(event.table.key)

    with pytest.raises(OutageError, match="no object"):
        await handle(event, envelope(event))
    store.objects[event.table.key] = kept + b"!"
    with pytest.raises(PoisonError, match="SHA-256"):
        await handle(event, envelope(event))
    assert trainer.assignments == []

    store.objects[event.table.key] = kept
    await handle(event, envelope(event))
    assert len(trainer.assignments) == 1


async def test_of_two_trainers_with_one_batch_one_learns_and_the_other_waits(
    handle: Handler[BatchClean],
    cleaned: Cleaned,
    store: MemoryStore,
    catalog: MemoryCatalog,
    trainer: Trainer,
) -> None:
    """As after a rebalance: the second one would remove the run of the first."""
    event, may_end = await cleaned(1), asyncio.Event()

    async def slow(assignment: Assignment, tell: Tell) -> Registered:
        await may_end.wait()
        return await Trainer()(assignment, tell)

    first = handler(store, catalog, slow)
    at_work = asyncio.ensure_future(first(event, envelope(event)))
    await eventually(lambda: bool(catalog.leases), "the first trainer is at work")
    with pytest.raises(OutageError, match="works on diabetes130-0001"):
        await handle(event, envelope(event))
    may_end.set()
    await at_work
    await handle(event, envelope(event))

    assert trainer.assignments == []


async def test_a_batch_that_kills_its_trainer_is_poison_at_the_third_death(
    handle: Handler[BatchClean], cleaned: Cleaned, catalog: MemoryCatalog, trainer: Trainer
) -> None:
    event = await cleaned(1)
    catalog.deaths[event.batch_id, Stage.TRAINED] = 3

    for _ in range(2):
        with pytest.raises(PoisonError, match="killed the process three times"):
            await handle(event, envelope(event))
    assert trainer.assignments == []

    await catalog.ask_again(event.batch_id, [Stage.TRAINED])
    await handle(event, envelope(event))
    assert len(trainer.assignments) == 1


async def test_a_trainer_at_rest_shows_no_stage(
    handle: Handler[BatchClean], cleaned: Cleaned
) -> None:
    event = await cleaned(1)

    await handle(event, envelope(event))

    shown = [
        sample
        for metric in REGISTRY.collect()
        if metric.name == "relevo_trainer_stage"
        for sample in metric.samples
    ]
    assert shown == []
