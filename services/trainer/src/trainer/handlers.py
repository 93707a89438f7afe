"""batch.clean -> a registered version and its verdict: each batch is learned from once."""

from datetime import UTC, datetime

from pydantic import JsonValue

from relevo_contracts import BatchClean, Envelope, ObjectRef, PoisonError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_runtime.kafka.consuming import Handler
from relevo_runtime.telemetry.tracing import here
from relevo_storage import Catalog, Fatal, ObjectStore, once
from trainer.jobs.gathering import gather
from trainer.jobs.process import Train
from trainer.jobs.progress import Story, measure
from trainer.judging.policy import Policy
from trainer.learning.assignment import Assignment
from trainer.metrics import TRAINING


def build_handler(
    *,
    store: ObjectStore,
    catalog: Catalog,
    train: Train,
    code_version: str,
    policy: Policy,
    threads: int,
    deaths: int,
) -> Handler[BatchClean]:
    """What the trainer does with each batch.clean.

    Nothing is published: who is on duty is told by the alias in MLflow. The handler raises
    PoisonError, every time, for batches from which nothing can be learned, or whose
    processing killed the service `deaths` times in a row.
    """

    async def work(event: BatchClean, envelope: Envelope) -> StageResult:
        started_at = datetime.now(UTC)
        tables, lost = await gather(event, await _earlier(event, catalog), store)
        assignment = Assignment(
            dataset=event.dataset,
            batch_id=event.batch_id,
            tables=tables,
            lost=lost,
            released_at=event.released_at,
            cleaned_at=event.cleaned_at,
            code_version=code_version,
            revision=await catalog.revision(event.batch_id, Stage.TRAINED),
            policy=policy,
            threads=threads,
            traceparent=here(envelope.traceparent),
        )
        model = assignment.model
        with TRAINING.labels(model).time(), Story(model, event.batch_id) as story:
            try:
                registered = await train(assignment, story.tell)
            except PoisonError as error:
                return _refused(event, str(error), started_at)
            story.end(registered)
        verdict = Verdict.PROMOTED if registered.is_promoted else Verdict.KEPT
        statistics = registered.statistics.noted()
        return _result(event, verdict, registered.reason, started_at, statistics)

    async def handle(event: BatchClean, envelope: Envelope) -> None:
        result = await once(
            catalog,
            event.batch_id,
            Stage.TRAINED,
            lambda: work(event, envelope),
            recorded=lambda result: measure(result, released_at=event.released_at),
            fatal=Fatal(deaths, lambda reason: _refused(event, reason, datetime.now(UTC))),
        )
        if result.verdict is Verdict.REFUSED:
            raise PoisonError(result.reason or "nothing can be learned from it")

    return handle


async def _earlier(event: BatchClean, catalog: Catalog) -> dict[str, ObjectRef]:
    """The clean batches before the event's own, in order."""
    return {
        result.batch_id: result.table
        for result in await catalog.results(event.dataset, Stage.CLEAN)
        if result.number < event.number
        and result.verdict is Verdict.ACCEPTED
        and result.table is not None
    }


def _refused(event: BatchClean, reason: str, started_at: datetime) -> StageResult:
    return _result(event, Verdict.REFUSED, reason, started_at)


def _result(
    event: BatchClean,
    verdict: Verdict,
    reason: str,
    started_at: datetime,
    statistics: dict[str, JsonValue] | None = None,
) -> StageResult:
    return StageResult(
        batch_id=event.batch_id,
        dataset=event.dataset,
        number=event.number,
        stage=Stage.TRAINED,
        verdict=verdict,
        reason=reason,
        rows=event.rows_out,
        statistics=statistics or {},
        started_at=started_at,
        finished_at=datetime.now(UTC),
    )
