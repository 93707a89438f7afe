"""batch.raw -> batch.clean: a batch has one result, however often it is heard of."""

import asyncio
from datetime import UTC, datetime
from time import perf_counter

import structlog

from cleaner.announcing import build_announce
from cleaner.cleaning import Outcome, Rules, clean_batch
from cleaner.metrics import BATCHES, CLEANING, NEWEST_BATCH, tell
from cleaner.results import Stored, refused, result_of
from cleaner.usual import usual_before
from relevo_contracts import BatchRaw, Envelope, ObjectRef
from relevo_contracts.results import Stage, StageResult
from relevo_datasets.quality.usual import Usual
from relevo_runtime.kafka.consuming import Handler
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_storage import Catalog, Fatal, ObjectStore, get_verified, once, put_by_hash

log = structlog.get_logger()


def build_handler(
    *,
    store: ObjectStore,
    catalog: Catalog,
    publisher: EventPublisher,
    rules: Rules,
    deaths: int,
) -> Handler[BatchRaw]:
    """What the cleaner does with each batch.raw.

    The verdict is in the catalog before anybody hears of it, so a repeat tells the same
    again. The handler raises PoisonError for a refused batch, every time, and for an
    event that is wrong itself; of the latter the catalog keeps nothing, because it would
    be a verdict on the batch that the event only says it is about. Refused is also a batch
    whose processing killed the service `deaths` times in a row.
    """

    async def work(event: BatchRaw, envelope: Envelope) -> StageResult:
        started_at = datetime.now(UTC)
        content = await get_verified(store, event.table)
        results = await catalog.results(event.dataset, Stage.CLEAN)
        usual = usual_before(event.number, results)
        outcome = await asyncio.to_thread(_clean, content, event, rules, usual)
        revision = await catalog.revision(event.batch_id, Stage.CLEAN)
        stored = await _store(store, event.dataset, outcome)
        return result_of(
            outcome,
            event,
            envelope,
            stored=stored,
            revision=revision,
            started_at=started_at,
            finished_at=datetime.now(UTC),
        )

    publish = build_announce(publisher)

    async def announce(result: StageResult) -> None:
        NEWEST_BATCH.labels(result.dataset).set(result.number)
        await publish(result)

    async def handle(event: BatchRaw, envelope: Envelope) -> None:
        await once(
            catalog,
            event.batch_id,
            Stage.CLEAN,
            lambda: work(event, envelope),
            announce=announce,
            fatal=Fatal(deaths, lambda reason: refused(event, reason)),
        )

    return handle


async def _store(store: ObjectStore, dataset: str, outcome: Outcome) -> Stored:
    """Keep the report and what was put aside, also of a refused batch, and the clean table
    where there is one."""
    text = outcome.report.to_json()
    report = await put_by_hash(store, f"reports/{dataset}", text, suffix=".json")
    quarantine = await _store_table(store, f"quarantine/{dataset}", outcome.quarantine)
    table = await _store_table(store, f"clean/{dataset}", outcome.table)
    return Stored(report=report, quarantine=quarantine, table=table)


async def _store_table(
    store: ObjectStore, prefix: str, content: bytes | None
) -> ObjectRef | None:
    if content is None:
        return None
    return await put_by_hash(store, prefix, content, suffix=".parquet")


def _clean(content: bytes, event: BatchRaw, rules: Rules, usual: Usual) -> Outcome:
    """Clean, and tell metrics and log how it went; runs in a thread of its own."""
    started = perf_counter()
    outcome = clean_batch(content, event, rules, usual)
    # only now the dataset is known to be one: anybody's word must not become a series
    CLEANING.labels(event.dataset).observe(perf_counter() - started)
    report = outcome.report
    verdict = "refused" if outcome.refusal else "accepted"
    BATCHES.labels(event.dataset, verdict).inc()
    tell(report, usual)
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
