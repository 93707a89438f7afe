"""The page `Batches`: statistics over all batches of a dataset, and their drift."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from console.live.telling import LiveStory
from console.pages.columns import Columns, columns_of
from console.pages.shell import Shell, percent
from console.reading.drift import MODERATE, BatchDrift, FeatureDrift
from console.reading.drifts import bundle_at
from console.reading.readers import Readers
from relevo_contracts import ObjectRef, OutageError, PoisonError
from relevo_contracts.errors import first_line
from relevo_contracts.results import Stage
from relevo_contracts.statistics import CleanStatistics
from relevo_story.telling import figures
from relevo_story.telling.batch import Batch

SHOWN = 40
COMPARED = 10
"""So many batches stand side by side where there is a line per feature."""

Number = Annotated[int | None, Query(ge=1)]


@dataclass(frozen=True)
class Row:
    """A batch, what the cleaner noted of it, and its clean table where it has one."""

    batch: Batch
    noted: CleanStatistics
    table: ObjectRef | None = None

    @property
    def missing(self) -> float | None:
        """The share of missing values among all values of the clean rows."""
        shares = self.noted.missing_shares.values()
        return sum(shares) / len(shares) if shares else None

    @property
    def put_aside(self) -> float | None:
        """The share of rows that could not be read."""
        noted = self.noted
        if noted.rows_quarantined is None or not noted.rows_in:
            return None
        return noted.rows_quarantined / noted.rows_in


def routes(shell: Shell, live: LiveStory, readers: Readers) -> APIRouter:
    """The page, and the part of it that takes longer."""
    router = APIRouter()

    @router.get("/batches", response_class=HTMLResponse)
    async def batches(dataset: str = "", before: Number = None) -> HTMLResponse:
        names = live.story.datasets
        chosen = dataset or (names[0] if names else "")
        rows = rows_of(live, chosen)
        older = [row for row in rows if before is None or row.batch.number < before]
        return shell.page(
            "batches.html",
            key="batches",
            status=200 if chosen in names or not dataset else 404,
            datasets=names,
            dataset=chosen,
            rows=older[:SHOWN],
            before=older[SHOWN - 1].batch.number if len(older) > SHOWN else None,
            charts=charts_of(older[:SHOWN][::-1]),
            compared=older[:COMPARED][::-1],
            features=features_with_gaps(older[:COMPARED]),
        )

    @router.get("/parts/batches/drift", response_class=HTMLResponse)
    async def drift(dataset: str, before: Number = None) -> HTMLResponse:
        rows = [
            row
            for row in rows_of(live, dataset)
            if row.table and (before is None or row.batch.number < before)
        ][:COMPARED][::-1]
        version, found, reason = None, [], ""
        try:
            async with readers.open_history() as history:
                promotions = await history.promotions(dataset)
            if promotions and rows:
                version = promotions[-1].model_version
                bundle = bundle_at(dataset, promotions[-1].bundle_sha256)
                drifts = await readers.drifts.of(bundle, [r.table for r in rows if r.table])
                found = [drifts[row.table.sha256] for row in rows if row.table]
        except (OutageError, PoisonError) as error:
            reason = first_line(error)
        lines = by_feature(found)
        html = shell.part(
            "batches/drift.html",
            dataset=dataset,
            version=version,
            reason=reason,
            rows=rows,
            features=lines,
            shown=sum(any(e and e.psi >= MODERATE for e in line) for line in lines),
            chart=above_noise(rows, found),
        )
        return HTMLResponse(html)

    return router


def rows_of(live: LiveStory, dataset: str) -> list[Row]:
    """All batches of a dataset, the newest first."""
    found = [row_of(live, each) for each in live.story.batches if each.dataset == dataset]
    return found[::-1]


def row_of(live: LiveStory, batch: Batch) -> Row:
    """One of them."""
    result = live.results.get((batch.id, Stage.CLEAN))
    if result is None:
        return Row(batch, CleanStatistics())
    return Row(batch, CleanStatistics.read(result.statistics), result.table)


def charts_of(rows: Sequence[Row]) -> list[Columns]:
    """The figures of all batches; rows: the oldest first."""
    names = [f"batch {row.batch.number}" for row in rows]
    noted = [row.noted for row in rows]
    wanted: list[tuple[str, list[float | None], Callable[[float], str]]] = [
        ("clean rows", [each.rows_out for each in noted], lambda v: figures.rows(int(v))),
        ("rows put aside", [row.put_aside for row in rows], percent),
        ("target rate", [each.target_rate for each in noted], percent),
        ("missing values", [row.missing for row in rows], percent),
    ]
    charts = [
        columns_of(title, list(zip(names, values, strict=True)), told)
        for title, values, told in wanted
    ]
    return [chart for chart in charts if chart]


def features_with_gaps(rows: Sequence[Row]) -> list[str]:
    """The features that miss a value somewhere, or have an unknown word; most first."""
    most: dict[str, float] = {}
    for row in rows:
        for shares in (row.noted.missing_shares, row.noted.unknown_shares):
            for name, share in shares.items():
                most[name] = max(share, most.get(name, 0.0))
    return sorted((name for name in most if most[name]), key=lambda name: -most[name])


def by_feature(drifts: Sequence[BatchDrift]) -> list[list[FeatureDrift | None]]:
    """Per feature its drift in each batch (None: not compared), the largest first."""
    tables = [{each.name: each for each in drift.features} for drift in drifts]
    names = {name: None for table in tables for name in table}
    lines = [[table.get(name) for table in tables] for name in names]
    lines.sort(key=lambda line: -max(each.psi for each in line if each))
    return lines


def above_noise(rows: Sequence[Row], drifts: Sequence[BatchDrift]) -> Columns | None:
    """How many features of each batch differ by more than chance."""
    names = [f"batch {row.batch.number}" for row in rows]
    counts = [float(drift.above_noise) for drift in drifts]
    values = list(zip(names, counts, strict=False))
    return columns_of("features that drift", values, lambda value: f"{value:.0f}")
