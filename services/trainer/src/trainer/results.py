"""What a training came to, as the catalog keeps it, and as batch.held tells it; pure."""

from datetime import UTC, datetime

from relevo_contracts import BatchClean, BatchHeld, Envelope
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from trainer.settings import SERVICE


def result_of(
    event: BatchClean,
    envelope: Envelope,
    verdict: Verdict,
    reason: str,
    *,
    started_at: datetime,
    statistics: TrainedStatistics | None = None,
) -> StageResult:
    """The result of the training, which has just ended; others hear of a held batch."""
    told = statistics or TrainedStatistics()
    now = datetime.now(UTC)
    held = None
    if verdict is Verdict.HELD:
        held = _announcement(event, envelope, reason, told, now)
    return StageResult(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        stage=Stage.TRAINED,
        verdict=verdict,
        reason=reason,
        rows=event.rows_out,
        statistics=told.noted() if statistics else {},
        announcement=held,
        started_at=started_at,
        finished_at=now,
    )


def announced(result: StageResult) -> tuple[BatchHeld, Envelope] | None:
    """The event that the result became, if it is one that others hear of."""
    if result.announcement is None:
        return None
    return result.announcement.read(BatchHeld)


def _announcement(
    event: BatchClean,
    cause: Envelope,
    reason: str,
    told: TrainedStatistics,
    at: datetime,
) -> Announcement:
    held = BatchHeld(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        reason=reason,
        model_version=told.champion_version,
        figure=told.figure,
        live=told.live,
        test=told.champion,
        came=told.live_came,
        said=told.live_said,
        held_at=at,
    )
    return Announcement.of(held, Envelope.of(held, source=SERVICE, cause=cause))
