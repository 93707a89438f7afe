"""One batch: its way, its quality by column, what was put aside, its drift, its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.live.telling import LiveStory
from console.pages.batches import Row, row_of
from console.pages.shell import Shell
from console.reading.drift import BatchDrift, FeatureDrift
from console.reading.drifts import bundle_at
from console.reading.lineage import batch_line, trace_of
from console.reading.processes import reading_tables
from console.reading.quality import Report, read_report
from console.reading.readers import Readers
from relevo_contracts import ObjectRef, OutageError, PoisonError
from relevo_contracts.errors import first_line
from relevo_contracts.results import Stage
from relevo_contracts.statistics import TrainedStatistics
from relevo_story.telling import sentences
from relevo_story.telling.batch import WORKERS, Batch

PICTURED = 4
"""So many features are drawn without being asked for."""

NOT_KEPT = "An older cleaner did not keep the rows: the report has some of their values."


@dataclass(frozen=True)
class Stop:
    """A station on a batch's way. after: seconds since its release; work: of the stage."""

    name: str
    who: str
    at: datetime | None
    after: float | None = None
    work: float | None = None
    told: str = ""


@dataclass(frozen=True)
class Compared:
    """The versions there are, and the drift against one of them, or why it is unknown."""

    versions: Sequence[str]
    against: str
    drift: BatchDrift | None = None
    reason: str = ""


def routes(shell: Shell, live: LiveStory, readers: Readers) -> APIRouter:
    """The page, its drift, and the rows that were put aside."""
    router = APIRouter()

    def find(batch_id: str) -> Row | None:
        batches = (each for each in live.story.batches if each.id == batch_id)
        return next((row_of(live, each) for each in batches), None)

    def unknown(batch_id: str) -> HTMLResponse:
        reason = f"Nobody has told of a batch {batch_id!r}."
        return shell.page("batch.html", key="batches", status=404, row=None, reason=reason)

    @router.get("/batches/{batch_id}", response_class=HTMLResponse)
    async def batch(batch_id: str, against: str = "") -> HTMLResponse:
        row = find(batch_id)
        if row is None:
            return unknown(batch_id)
        report, reason = await report_of(row, readers)
        results = [live.results.get((batch_id, stage)) for stage in Stage]
        trained = results[-1]
        return shell.page(
            "batch.html",
            key="batches",
            row=row,
            batch=row.batch,
            stops=stops_of(row.batch),
            report=report,
            reason=reason,
            verdict=verdict_of(row.batch),
            noted=TrainedStatistics.read(trained.statistics) if trained else None,
            line=batch_line(batch_id, live.results),
            trace=trace_of(*results),
            against=against,
        )

    @router.get("/parts/batches/{batch_id}/drift", response_class=HTMLResponse)
    async def drift(batch_id: str, against: str = "", feature: str = "") -> HTMLResponse:
        row = find(batch_id)
        if row is None or row.table is None:
            return HTMLResponse("<p>There is no clean table to compare.</p>")
        found = await compared(row.batch.dataset, row.table, against, readers)
        html = shell.part(
            "batches/compared.html",
            batch=row.batch,
            drift=found.drift,
            reason=found.reason,
            versions=found.versions,
            against=found.against,
            pictured=pictured(found.drift, feature),
        )
        return HTMLResponse(html)

    @router.get("/batches/{batch_id}/quarantine.csv")
    async def quarantine(batch_id: str) -> Response:
        row = find(batch_id)
        if row is None:
            return unknown(batch_id)
        if row.noted.quarantine is None:
            return Response(NOT_KEPT, status_code=404, media_type="text/plain")
        try:
            async with readers.open_store() as store, reading_tables("csv") as process:
                await process.put(await store.get(row.noted.quarantine))
                content = await process.rest()
        except (OutageError, PoisonError, FileNotFoundError, TimeoutError) as error:
            text = f"The rows cannot be read now: {first_line(error)}"
            return Response(text, status_code=503, media_type="text/plain")
        name = f'attachment; filename="{row.batch.id}-quarantine.csv"'
        return Response(
            content, media_type="text/csv", headers={"Content-Disposition": name}
        )

    return router


async def compared(
    model: str, table: ObjectRef, against: str, readers: Readers
) -> Compared:
    """The table beside what that version learned from; beside the newest by itself."""
    versions: list[str] = []
    try:
        async with readers.open_history() as history:
            promotions = await history.promotions(model)
        bundles = {each.model_version: each.bundle_sha256 for each in promotions}
        versions = list(bundles)[::-1]
        against = against if against in bundles else "".join(versions[:1])
        if not against:
            return Compared(versions, against)
        drifts = await readers.drifts.of(bundle_at(model, bundles[against]), [table])
        return Compared(versions, against, drifts[table.sha256])
    except (OutageError, PoisonError) as error:
        return Compared(versions, against, reason=first_line(error))


async def report_of(row: Row, readers: Readers) -> tuple[Report | None, str]:
    """The quality report, or why there is none to show."""
    if row.noted.report is None:
        return None, "The cleaner has not told of this batch."
    try:
        async with readers.open_store() as store:
            return await read_report(store, row.noted.report), ""
    except (OutageError, PoisonError) as error:
        return None, f"The quality report cannot be read now: {first_line(error)}"


def stops_of(batch: Batch) -> list[Stop]:
    """The stations in order, also those that it has not reached."""
    stops = [Stop("released", "data source", batch.released_at)]
    for stage, step in batch.steps:
        told = step.refused or batch.state(stage)
        stops.append(
            Stop(stage, WORKERS[stage], step.finished_at, work=step.seconds, told=told)
        )
    if batch.version:
        stops.append(
            Stop(f"version {batch.version}", "registry-watcher", batch.promoted_at)
        )
    for pod, served in sorted(batch.served.items()):
        stops.append(Stop("served", pod, served.served_at, work=served.swap_seconds))
    return [timed(stop, batch.released_at) for stop in stops]


def timed(stop: Stop, released_at: datetime | None) -> Stop:
    """With the seconds since the batch was released."""
    if stop.at is None or released_at is None:
        return stop
    after = (stop.at - released_at).total_seconds()
    return replace(stop, after=after)


def verdict_of(batch: Batch) -> str:
    """In words, with the figures."""
    if batch.refusal:
        return batch.refusal
    if batch.training:
        return sentences.trained(batch.training)
    return "none yet"


def pictured(drift: BatchDrift | None, feature: str) -> Sequence[FeatureDrift]:
    """The features that are drawn: the one that was asked for, or the largest."""
    if drift is None:
        return []
    asked = [each for each in drift.features if each.name == feature]
    return asked or drift.features[:PICTURED]
