"""batch.clean -> a registered version and its verdict: each batch is learned from once."""

from datetime import UTC, datetime

from relevo_contracts import BatchClean, Envelope, ObjectRef, PoisonError
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_runtime.kafka.consuming import Handler
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.telemetry.tracing import here
from relevo_storage import Fatal, ObjectStore, once
from trainer.jobs.gathering import gather
from trainer.jobs.past import Memory, Past, past_of
from trainer.jobs.process import Train
from trainer.jobs.progress import Story, measure
from trainer.learning.assignment import Assignment
from trainer.metrics import TRAINING
from trainer.results import announced, result_of


def build_handler(
    *,
    store: ObjectStore,
    catalog: Memory,
    publisher: EventPublisher,
    train: Train,
    code_version: str,
    threads: int,
    deaths: int,
) -> Handler[BatchClean]:
    """What the trainer does with each batch.clean.

    Who is on duty is told by the alias in MLflow; that a batch is held, by batch.held. The
    handler raises PoisonError, every time, for batches from which nothing can be learned,
    or whose processing killed the service `deaths` times in a row.
    """

    async def work(event: BatchClean, envelope: Envelope) -> StageResult:
        started_at = datetime.now(UTC)
        past = await past_of(event, catalog, store)
        if past.decision and past.decision.decision == "rejected":
            why = str(past.decision)
            return result_of(event, envelope, Verdict.HELD, why, started_at=started_at)
        tables, lost = await gather(event, await _wanted(event, past, catalog), store)
        assignment = Assignment(
            dataset=event.dataset,
            batch_id=event.batch_id,
            tables=tables,
            lost=lost,
            released_at=event.released_at,
            cleaned_at=event.cleaned_at,
            code_version=code_version,
            revision=await catalog.revision(event.batch_id, Stage.TRAINED),
            promoted=past.promoted,
            verdicts=past.verdicts,
            left_out=past.left_out,
            is_released=past.decision is not None,
            threads=threads,
            traceparent=here(envelope.traceparent),
        )
        model = assignment.model
        with TRAINING.labels(model).time(), Story(model, event.batch_id) as story:
            try:
                ended = await train(assignment, story.tell)
            except PoisonError as error:
                return _refused(event, envelope, str(error), started_at)
            story.end(ended)
        return result_of(
            event,
            envelope,
            ended.verdict,
            ended.reason,
            started_at=started_at,
            statistics=ended.statistics,
        )

    async def announce(result: StageResult) -> None:
        if told := announced(result):
            await publisher.publish(*told)

    async def handle(event: BatchClean, envelope: Envelope) -> None:
        result = await once(
            catalog,
            event.batch_id,
            Stage.TRAINED,
            lambda: work(event, envelope),
            announce=announce,
            recorded=lambda result: measure(result, released_at=event.released_at),
            fatal=Fatal(
                deaths,
                lambda reason: _refused(event, envelope, reason, datetime.now(UTC)),
            ),
        )
        if result.verdict is Verdict.REFUSED:
            raise PoisonError(result.reason or "nothing can be learned from it")

    return handle


async def _wanted(event: BatchClean, past: Past, catalog: Memory) -> dict[str, ObjectRef]:
    """The clean batches to learn from beside the event's own, in order."""
    return {
        result.batch_id: result.table
        for result in await catalog.results(event.dataset, Stage.CLEAN)
        if past.takes(result, event) and result.table is not None
    }


def _refused(
    event: BatchClean, envelope: Envelope, reason: str, started_at: datetime
) -> StageResult:
    return result_of(event, envelope, Verdict.REFUSED, reason, started_at=started_at)
