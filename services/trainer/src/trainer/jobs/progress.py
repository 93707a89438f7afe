"""What a job tells becomes log lines and metrics, while it runs and when it has ended."""

from datetime import datetime
from types import TracebackType
from typing import Self

import structlog

from relevo_storage import StageResult
from trainer.learning.stages import Progress
from trainer.metrics import (
    LIVE_AUC,
    NEWEST_BATCH,
    PEAK_MEMORY,
    RELEASED_TO_VERDICT,
    STAGE,
    STAGE_DURATION,
    TEST_AUC,
    VALIDATION_AUC,
    VERDICTS,
    VERSION_QUALITY,
)
from trainer.recording.registered import Registered

FIT = "fit "
log = structlog.get_logger()


class Story:
    """The story of one training; leaving the block ends its last stage."""

    def __init__(self, batch_id: str) -> None:
        self._batch_id = batch_id
        self._stage: str | None = None

    def __enter__(self) -> Self:
        self._enter("start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._enter(None)

    def tell(self, progress: Progress) -> None:
        """A stage began, or ended."""
        found = progress.found
        if isinstance(peak := found.get("peak_bytes"), int):
            PEAK_MEMORY.set(peak)
        if progress.seconds is None:
            self._enter(progress.stage)
            return
        STAGE_DURATION.labels(progress.stage).observe(progress.seconds)
        if isinstance(auc := found.get("validation_auc"), float):
            VALIDATION_AUC.labels(progress.stage.removeprefix(FIT)).set(auc)
        log.info(f"training: {progress.stage}", seconds=progress.seconds, **found)

    def end(self, registered: Registered) -> None:
        """The verdict is there."""
        statistics = registered.statistics
        for gauge, name in (
            (TEST_AUC.labels("challenger"), "test_auc"),
            (TEST_AUC.labels("champion"), "champion_auc"),
            (LIVE_AUC, "live_auc"),
        ):
            if isinstance(value := statistics.get(name), float):
                gauge.set(value)
        show_quality(registered)
        word = "promoted" if registered.is_promoted else "kept"
        log.info(
            f"model {word}",
            model=registered.model,
            version=registered.version,
            reason=registered.reason,
            run_id=registered.run_id,
            algorithm=statistics.get("algorithm"),
        )

    def _enter(self, stage: str | None) -> None:
        if self._stage is not None:
            STAGE.remove(self._batch_id, self._stage)
        self._stage = stage
        if stage is not None:
            STAGE.labels(self._batch_id, stage).set(1)


def show_quality(registered: Registered) -> None:
    """The newest version's figures with their intervals, in place of the one's before."""
    VERSION_QUALITY.clear()
    intervals = registered.statistics.get("intervals")
    for figure, bounds in intervals.items() if isinstance(intervals, dict) else ():
        for bound, value in bounds.items() if isinstance(bounds, dict) else ():
            if isinstance(value, float):
                VERSION_QUALITY.labels(registered.version, figure, bound).set(value)


def measure(result: StageResult, *, released_at: datetime) -> None:
    """A batch has its verdict."""
    VERDICTS.labels(result.verdict.value).inc()
    NEWEST_BATCH.labels(result.dataset).set(result.number)
    RELEASED_TO_VERDICT.clear()
    age = result.finished_at - released_at
    RELEASED_TO_VERDICT.labels(result.batch_id).set(age.total_seconds())
