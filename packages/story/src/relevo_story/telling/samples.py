"""A day of a platform as facts: for tests, and for looking at the views."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from relevo_contracts import (
    BatchClean,
    BatchRaw,
    DeadLetter,
    Envelope,
    Event,
    ModelPromoted,
    ModelServed,
    ObjectRef,
    batches,
)
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_story.telling.facts import Buried, Happened, Place, Released, Schedule

DATASET = "diabetes130"
START = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
"""When the first batch was released."""

INTERVAL = timedelta(seconds=20)
SHA256 = "0" * 64
OBJECT = ObjectRef(key="raw/diabetes130/0.parquet", sha256=SHA256, size=1)


def batch_id(number: int, dataset: str = DATASET) -> str:
    """The name of a batch."""
    return batches.batch_id(dataset, number)


def at(number: int, after: float) -> datetime:
    """A moment, in seconds after the release of a batch."""
    return START + (number - 1) * INTERVAL + timedelta(seconds=after)


def released(number: int, dataset: str = DATASET) -> Released:
    """The source offers the batch."""
    name = batch_id(number, dataset)
    return Released(name, dataset, number, 15_000, at(number, 0))


def schedule(number: int | None, dataset: str = DATASET) -> Schedule:
    """The batch of this number is the next one."""
    due = at(number, 0) if number else None
    return Schedule(dataset, total=7, next_number=number, next_due=due)


def raw(
    number: int, dataset: str = DATASET, *, after: float = 0.4, rows: int = 15_000
) -> BatchRaw:
    """The ingestor stored it."""
    return BatchRaw(
        batch_id=batch_id(number, dataset),
        dataset=dataset,
        number=number,
        table=OBJECT,
        rows=rows,
        source_url=f"http://127.0.0.1:8090/batches/{number}",
        source_sha256=SHA256,
        released_at=at(number, 0),
        ingested_at=at(number, after),
    )


def clean(
    number: int, dataset: str = DATASET, *, after: float = 1.1, quarantined: int = 0
) -> BatchClean:
    """The cleaner was done with it."""
    return BatchClean(
        batch_id=batch_id(number, dataset),
        dataset=dataset,
        number=number,
        table=OBJECT,
        report=OBJECT,
        rows_in=15_000,
        rows_out=14_690,
        rows_quarantined=quarantined,
        raw_sha256=SHA256,
        released_at=at(number, 0),
        cleaned_at=at(number, after),
    )


def promoted(
    version: str,
    number: int,
    dataset: str = DATASET,
    *,
    before: str | None = None,
    after: float = 8.9,
) -> ModelPromoted:
    """The alias points at a version that learned from all batches up to this one."""
    return ModelPromoted(
        model=dataset,
        model_version=version,
        previous_version=before,
        dataset=dataset,
        bundle=OBJECT,
        signature_sha256=SHA256,
        run_id="0a1b",
        batches=tuple(batch_id(n, dataset) for n in range(1, number + 1)),
        released_at=at(number, 0),
        promoted_at=at(number, after),
    )


def served(
    pod: str,
    version: str,
    number: int,
    dataset: str = DATASET,
    *,
    after: float = 9.8,
    promotion: str = "",
    refused: str | None = None,
) -> ModelServed:
    """A pod answers by that version, or refused it for a reason."""
    return ModelServed(
        model=dataset,
        model_version=version,
        serving_version=None if refused else version,
        pod=pod,
        outcome="refused" if refused else "served",
        reason=refused,
        promotion_id=promotion or promotion_id(dataset, version),
        bundle_sha256=SHA256,
        swap_seconds=0.3,
        released_at=at(number, 0),
        served_at=at(number, after),
    )


def promotion_id(model: str, version: str) -> str:
    """The id of the first promotion of a version."""
    return f"promotion-{model}-{version}"


def happened(event: Event, *, id: str = "", offset: int = 0) -> Happened:
    """The event as a record; by itself a promotion's id is that of its first one."""
    if not id and isinstance(event, ModelPromoted):
        id = promotion_id(event.model, event.model_version)
    envelope = Envelope.of(event, source="test", cause=f"{event.key}/{offset}")
    if id:
        envelope = envelope.model_copy(update={"id": id})
    return Happened(event, envelope, Place(event.topic.value, 0, offset))


def result(
    stage: Stage,
    number: int,
    verdict: Verdict = Verdict.ACCEPTED,
    *,
    dataset: str = DATASET,
    after: float,
    seconds: float,
    event: BatchRaw | BatchClean | None = None,
    reason: str | None = None,
    statistics: Mapping[str, JsonValue] | None = None,
) -> StageResult:
    """What a stage noted down; `after` its release it had ended."""
    announcement = event and Announcement(envelope={}, body=event.model_dump(mode="json"))
    return StageResult(
        batch_id=batch_id(number, dataset),
        dataset=dataset,
        number=number,
        stage=stage,
        verdict=verdict,
        reason=reason,
        rows=14_690 if stage is Stage.CLEAN else 15_000,
        statistics=dict(statistics or {}),
        announcement=announcement or None,
        started_at=at(number, after - seconds),
        finished_at=at(number, after),
    )


def buried(number: int, reason: str, *, offset: int = 0, fetched: bool = False) -> Buried:
    """A message about a batch that went to the dead letters."""
    letter = DeadLetter(
        reason=reason,
        stage="fetch" if fetched else "handle",
        service="ingestor" if fetched else "cleaner",
        topic="batch.raw",
        partition=-1 if fetched else 2,
        offset=-1 if fetched else 14,
        time=at(number, 1.0),
    )
    return Buried(letter, Place("batch.raw.dead", 0, offset), batch_id(number))
