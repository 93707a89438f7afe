"""What a job tells becomes log lines and metrics, while it runs and when it has ended."""

import time
from datetime import datetime
from types import TracebackType
from typing import Self

import structlog

from relevo_contracts.results import StageResult
from relevo_contracts.statistics import TrainedStatistics
from relevo_runtime.metrics import WAITING
from trainer.learning.stages import Progress
from trainer.metrics import (
    LIVE_DEVIATION,
    LIVE_ECE,
    LIVE_FIGURE,
    LIVE_LOSS,
    LIVE_SHARE,
    NEWEST_BATCH,
    PEAK_MEMORY,
    RELEASED_TO_VERDICT,
    STAGE,
    STAGE_DURATION,
    TEST_FIGURE,
    VALIDATION_FIGURE,
    VERDICTS,
    VERSION_QUALITY,
)
from trainer.recording.registered import HeldBatch, Registered

FIT = "fit "
log = structlog.get_logger()


class Story:
    """The story of one model's training; leaving the block ends its last stage."""

    def __init__(self, model: str, batch_id: str) -> None:
        self._model = model
        self._batch_id = batch_id
        self._what = f"MLflow, to register {model}"
        self._stage: str | None = None
        self._waits = False

    def __enter__(self) -> Self:
        self._enter("start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._go_on()
        self._enter(None)

    def tell(self, progress: Progress) -> None:
        """A stage began, ended, or waits for MLflow."""
        if progress.waits is not None:
            self._wait(progress)
            return
        self._go_on()
        found = progress.found
        if isinstance(peak := found.get("peak_bytes"), int):
            PEAK_MEMORY.labels(self._model).set(peak)
        if progress.seconds is None:
            self._enter(progress.stage)
            return
        STAGE_DURATION.labels(self._model, progress.stage).observe(progress.seconds)
        if isinstance(value := found.get("validation"), float):
            algorithm = progress.stage.removeprefix(FIT)
            VALIDATION_FIGURE.remove_by_labels(
                {"model": self._model, "algorithm": algorithm}
            )
            labels = (self._model, str(found.get("figure")), algorithm)
            VALIDATION_FIGURE.labels(*labels).set(value)
        log.info(f"training: {progress.stage}", seconds=progress.seconds, **found)

    def end(self, registered: Registered | HeldBatch) -> None:
        """The verdict is there."""
        if isinstance(registered, HeldBatch):
            show_live(registered.model, registered.statistics)
            log.warning(
                "batch held: nothing is learned from it before a person has looked",
                model=registered.model,
                reason=registered.reason,
                run_id=registered.run_id,
            )
            return
        show_quality(registered)
        log.info(
            f"model {registered.verdict}",
            model=registered.model,
            version=registered.version,
            reason=registered.reason,
            run_id=registered.run_id,
            algorithm=registered.statistics.algorithm,
        )

    def _wait(self, progress: Progress) -> None:
        if not self._waits:
            WAITING.labels(self._what).set(time.time())
            log.warning(f"training: {progress.stage} waits", reason=progress.waits)
        self._waits = True

    def _go_on(self) -> None:
        if self._waits:
            WAITING.remove(self._what)
            log.info("training: goes on")
        self._waits = False

    def _enter(self, stage: str | None) -> None:
        if self._stage is not None:
            STAGE.remove(self._model, self._batch_id, self._stage)
        self._stage = stage
        if stage is not None:
            STAGE.labels(self._model, self._batch_id, stage).set(1)


def show_quality(registered: Registered) -> None:
    """The figures of a model's newest version, in place of the one's before."""
    model, told = registered.model, registered.statistics
    for gauge in (TEST_FIGURE, VERSION_QUALITY):
        gauge.remove_by_labels({"model": model})
    show_live(model, told)
    figure = str(told.figure)
    for gauge, labels, value in (
        (TEST_FIGURE, (figure, "challenger"), told.test),
        (TEST_FIGURE, (figure, "champion"), told.champion),
    ):
        if value is not None:
            gauge.labels(model, *labels).set(value)
    for name, bounds in told.intervals.items():
        for bound, value in bounds.items():
            if value is not None:
                VERSION_QUALITY.labels(model, registered.version, name, bound).set(value)


def show_live(model: str, told: TrainedStatistics) -> None:
    """The champion on the newest batch, in place of the one before."""
    version = str(told.champion_version)
    for gauge in (LIVE_FIGURE, LIVE_DEVIATION, LIVE_LOSS, LIVE_ECE, LIVE_SHARE):
        gauge.remove_by_labels({"model": model})
    for gauge, labels, value in (
        (LIVE_FIGURE, (str(told.figure),), told.live),
        (LIVE_DEVIATION, (), told.live_z),
        (LIVE_LOSS, (), told.live_loss),
        (LIVE_ECE, (), told.live_ece),
        (LIVE_SHARE, ("came",), told.live_came),
        (LIVE_SHARE, ("said",), told.live_said),
    ):
        if value is not None:
            gauge.labels(model, version, *labels).set(value)


def measure(result: StageResult, *, released_at: datetime) -> None:
    """A batch has its verdict."""
    VERDICTS.labels(result.dataset, result.verdict.value).inc()
    NEWEST_BATCH.labels(result.dataset).set(result.number)
    RELEASED_TO_VERDICT.remove_by_labels({"model": result.dataset})
    age = result.finished_at - released_at
    RELEASED_TO_VERDICT.labels(result.dataset, result.batch_id).set(age.total_seconds())
