"""batch.raw -> batch.clean: a batch has one result, however often it is heard of."""

import asyncio
from datetime import UTC, datetime

import structlog

from cleaner.cleaning import Outcome, Rules, clean_batch
from cleaner.metrics import BATCHES, CLEANING, NEWEST_BATCH, ROWS
from cleaner.results import Stored, announced, result_of
from relevo_contracts import BatchRaw, Envelope
from relevo_runtime.kafka.consuming import Handler
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_storage import (
    Catalog,
    ObjectStore,
    Stage,
    StageResult,
    get_verified,
    put_by_hash,
)

log = structlog.get_logger()


def build_handler(
    *, store: ObjectStore, catalog: Catalog, publisher: EventPublisher, rules: Rules
) -> Handler[BatchRaw]:
    """What the cleaner does with each batch.raw.

    The verdict is in the catalog before anybody hears of it, so a repeat tells the same
    again. The handler raises PoisonError for a refused batch, every time, and for an
    event that is wrong itself; of the latter the catalog keeps nothing, because it would
    be a verdict on the batch that the event only says it is about.
    """

    async def work(event: BatchRaw, envelope: Envelope) -> StageResult:
        started_at = datetime.now(UTC)
        content = await get_verified(store, event.table)
        outcome = await asyncio.to_thread(_clean, content, event, rules)
        stored = await _store(store, event.dataset, outcome)
        return result_of(
            outcome,
            event,
            envelope,
            stored=stored,
            started_at=started_at,
            finished_at=datetime.now(UTC),
        )

    async def handle(event: BatchRaw, envelope: Envelope) -> None:
        result = await catalog.find(event.batch_id, Stage.CLEAN)
        if result is None:
            result = await catalog.record(await work(event, envelope))
        NEWEST_BATCH.labels(event.dataset).set(event.number)
        clean, clean_envelope = announced(result)
        await publisher.publish(clean, clean_envelope)
        await catalog.mark_announced(event.batch_id, Stage.CLEAN)

    return handle


async def _store(store: ObjectStore, dataset: str, outcome: Outcome) -> Stored:
    """Keep the report, of a refused batch too, and the clean table where there is one."""
    text = outcome.report.to_json()
    report = await put_by_hash(store, f"reports/{dataset}", text, suffix=".json")
    if outcome.table is None:
        return Stored(report=report, table=None)
    prefix = f"clean/{dataset}"
    table = await put_by_hash(store, prefix, outcome.table, suffix=".parquet")
    return Stored(report=report, table=table)


def _clean(content: bytes, event: BatchRaw, rules: Rules) -> Outcome:
    """Clean, and tell metrics and log how it went; runs in a thread of its own."""
    with CLEANING.time():
        outcome = clean_batch(content, event, rules)
    report = outcome.report
    verdict = "refused" if outcome.refusal else "accepted"
    BATCHES.labels(verdict).inc()
    ROWS.labels("in").inc(report.rows_in)
    ROWS.labels("out").inc(report.rows_out)
    ROWS.labels("removed").inc(report.rows_removed)
    ROWS.labels("quarantined").inc(report.rows_quarantined)
    log.info(
        f"batch {verdict}",
        batch_id=event.batch_id,
        rows_in=report.rows_in,
        rows_out=report.rows_out,
        rows_quarantined=report.rows_quarantined,
        target_rate=report.target_rate,
        reason=outcome.refusal,
    )
    return outcome
