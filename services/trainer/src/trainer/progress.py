"""What a job tells becomes log lines and metrics while it runs."""

from types import TracebackType
from typing import Self

import structlog

from trainer.assignment import Progress, Registered
from trainer.metrics import (
    LIVE_AUC,
    PEAK_MEMORY,
    STAGE,
    STAGE_DURATION,
    TEST_AUC,
    VALIDATION_AUC,
)

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
