"""batch.clean -> a registered version and its verdict: each batch is learned from once."""

from datetime import UTC, datetime

import structlog

from relevo_contracts import BatchClean, Envelope, ObjectRef, PoisonError
from relevo_runtime.consuming import Handler
from relevo_storage import (
    Catalog,
    ObjectStore,
    Stage,
    StageResult,
    Verdict,
    get_verified,
)
from trainer.assignment import Assignment, Policy, Table
from trainer.metrics import TRAINING, VERDICTS
from trainer.process import Train
from trainer.progress import Story

log = structlog.get_logger()


def build_handler(
    *,
    store: ObjectStore,
    catalog: Catalog,
    train: Train,
    code_version: str,
    policy: Policy,
    threads: int,
) -> Handler[BatchClean]:
    """What the trainer does with each batch.clean.

    Nothing is published: who is on duty is told by the alias in MLflow. The handler raises
    PoisonError, every time, for batches from which nothing can be learned.
    """

    async def assign(event: BatchClean) -> Assignment:
        tables = await _tables(event, store, catalog)
        return Assignment(
            dataset=event.dataset,
            batch_id=event.batch_id,
            tables=tables,
            released_at=event.released_at,
            cleaned_at=event.cleaned_at,
            code_version=code_version,
            policy=policy,
            threads=threads,
        )

    async def work(event: BatchClean) -> StageResult:
        started_at = datetime.now(UTC)
        assignment = await assign(event)
        with TRAINING.time(), Story(event.batch_id) as story:
            try:
                registered = await train(assignment, story.tell)
            except PoisonError as error:
                return _refused(event, str(error), started_at)
        story.end(registered)
        return StageResult(
            batch_id=event.batch_id,
            dataset=event.dataset,
            number=event.number,
            stage=Stage.TRAINED,
            verdict=Verdict.PROMOTED if registered.is_promoted else Verdict.KEPT,
            reason=registered.reason,
            rows=event.rows_out,
            statistics=registered.statistics,
            started_at=started_at,
            finished_at=datetime.now(UTC),
        )

    async def handle(event: BatchClean, _: Envelope) -> None:
        result = await catalog.find(event.batch_id, Stage.TRAINED)
        if result is None:
            result = await catalog.record(await work(event))
            VERDICTS.labels(result.verdict.value).inc()
        if result.verdict is Verdict.REFUSED:
            raise PoisonError(result.reason or "nothing can be learned from it")

    return handle


async def _tables(
    event: BatchClean, store: ObjectStore, catalog: Catalog
) -> tuple[Table, ...]:
    """All clean batches up to the event's own, in order."""
    earlier = [
        (result.batch_id, result.table)
        for result in await catalog.results(event.dataset, Stage.CLEAN)
        if result.number < event.number and result.verdict is Verdict.ACCEPTED
    ]
    wanted: list[tuple[str, ObjectRef]] = [(b, t) for b, t in earlier if t is not None]
    return tuple(
        [
            Table(batch_id, table.key, table.sha256, await get_verified(store, table))
            for batch_id, table in [*wanted, (event.batch_id, event.table)]
        ]
    )


def _refused(event: BatchClean, reason: str, started_at: datetime) -> StageResult:
    return StageResult(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        stage=Stage.TRAINED,
        verdict=Verdict.REFUSED,
        reason=reason,
        started_at=started_at,
        finished_at=datetime.now(UTC),
    )
