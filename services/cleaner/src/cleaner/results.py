"""A batch's result as the catalog keeps it, and as batch.clean tells it; pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cleaner.cleaning import Outcome
from cleaner.settings import SERVICE
from relevo_contracts import BatchClean, BatchRaw, Envelope, ObjectRef, PoisonError
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_contracts.statistics import CleanStatistics
from relevo_datasets.quality.report import QualityReport


@dataclass(frozen=True)
class Stored:
    """Where a batch's report, the rows that were put aside if any, and, unless it was
    refused, its clean table are kept."""

    report: ObjectRef
    quarantine: ObjectRef | None
    table: ObjectRef | None


def result_of(
    outcome: Outcome,
    event: BatchRaw,
    envelope: Envelope,
    *,
    stored: Stored,
    revision: int,
    started_at: datetime,
    finished_at: datetime,
) -> StageResult:
    """What the catalog is to keep of a batch that was cleaned or refused.

    revision: which result of the batch it is. From the second on it is another event.
    """
    clean = stored.table and _batch_clean(
        event, outcome.report, stored.table, stored.report, cleaned_at=finished_at
    )
    return StageResult(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        stage=Stage.CLEAN,
        verdict=Verdict.ACCEPTED if clean else Verdict.REFUSED,
        reason=outcome.refusal,
        table=stored.table,
        rows=outcome.report.rows_out,
        statistics=_statistics(outcome.report, stored).noted(),
        announcement=clean and _announcement(clean, envelope, revision),
        started_at=started_at,
        finished_at=finished_at,
    )


def refused(event: BatchRaw, reason: str) -> StageResult:
    """That of a batch of which the cleaner learned nothing but that it cannot go on."""
    now = datetime.now(UTC)
    return StageResult(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        stage=Stage.CLEAN,
        verdict=Verdict.REFUSED,
        reason=reason,
        started_at=now,
        finished_at=now,
    )


def announced(result: StageResult) -> tuple[BatchClean, Envelope]:
    """The event that the result became.

    Raises PoisonError, with the reason, for a batch that was refused.
    """
    if result.announcement is None:
        raise PoisonError(f"batch {result.batch_id} was refused: {result.reason}")
    return result.announcement.read(BatchClean)


def _batch_clean(
    event: BatchRaw,
    quality: QualityReport,
    table: ObjectRef,
    report: ObjectRef,
    *,
    cleaned_at: datetime,
) -> BatchClean:
    return BatchClean(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        table=table,
        report=report,
        rows_in=quality.rows_in,
        rows_out=quality.rows_out,
        rows_quarantined=quality.rows_quarantined,
        raw_sha256=event.table.sha256,
        released_at=event.released_at,
        cleaned_at=cleaned_at,
    )


def _announcement(clean: BatchClean, cause: Envelope, revision: int) -> Announcement:
    envelope = Envelope.of(
        clean,
        source=SERVICE,
        cause=cause if revision == 1 else f"{cause.id}#{revision}",
        traceparent=cause.traceparent,
    )
    return Announcement.of(clean, envelope)


def _statistics(quality: QualityReport, stored: Stored) -> CleanStatistics:
    return CleanStatistics(
        rows_in=quality.rows_in,
        rows_out=quality.rows_out,
        rows_removed=quality.rows_removed,
        rows_quarantined=quality.rows_quarantined,
        unseen_values=sum(column.unknown for column in quality.columns.values()),
        splits=dict(quality.splits),
        target=quality.target,
        target_rate=quality.target_rate,
        report=stored.report.key,
        quarantine=stored.quarantine and stored.quarantine.key,
        unknown_shares=quality.unknown_shares,
        missing_shares=quality.missing_shares,
    )
