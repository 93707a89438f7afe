"""Batches as the catalog has them: one a row, or one with all that was made of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import JsonValue
from rich.table import Table
from rich.text import Text

from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_operations.again import Line
from relevo_story.telling import figures

STYLES = {
    Verdict.ACCEPTED: "green",
    Verdict.REFUSED: "bold red",
    Verdict.PROMOTED: "bold cyan",
    Verdict.KEPT: "green",
    Verdict.HELD: "bold yellow",
}


def as_table(lines: Iterable[Line], now: datetime) -> Table:
    """The batches; `batch` is what `retry` and `show` take."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("batch", *Stage, "rows", "since"):
        table.add_column(title, no_wrap=True, header_style="dim")
    table.add_column("why", overflow="fold", header_style="dim")
    for line in lines:
        results = [line.results.get(stage) for stage in Stage]
        made = [result for result in results if result]
        last = made[-1]
        table.add_row(
            str(line.number),
            *map(_verdict, results),
            figures.rows(last.rows),
            figures.age(last.finished_at, now),
            figures.reason(last.reason or ""),
        )
    return table


def whole(line: Line, earlier: Sequence[StageResult]) -> str:
    """What stands, stage by stage, below it what had stood there before."""
    told = [line.batch_id]
    for stage in Stage:
        before = [result for result in earlier if result.stage is stage]
        stands = line.results.get(stage)
        told.append(f"  {stage:8} {_sentence(stands) if stands else 'nothing yet'}")
        told += [f"    before {_sentence(result)}" for result in reversed(before)]
    return "\n".join(told)


def as_values(line: Line) -> dict[str, JsonValue]:
    """For a program."""
    stages: dict[str, JsonValue] = {
        stage.value: result.model_dump(mode="json")
        for stage, result in line.results.items()
    }
    return {"batch_id": line.batch_id, "number": line.number, "stages": stages}


def _verdict(result: StageResult | None) -> Text:
    if result is None:
        return Text("–", style="dim")
    told = Text(result.verdict.value, style=STYLES[result.verdict])
    return told.append(", again", style="yellow") if result.again else told


def _sentence(result: StageResult) -> str:
    """'accepted 2026-01-02 03:04:05 in 0.6 s, 14,690 rows, table 3fa9…: why'."""
    seconds = (result.finished_at - result.started_at).total_seconds()
    told = (
        f"{result.verdict.value} {result.finished_at.astimezone():%Y-%m-%d %H:%M:%S}"
        f" in {figures.seconds(seconds)}"
    )
    if result.rows is not None:
        told += f", {figures.rows(result.rows)} rows"
    if result.table:
        told += f", table {result.table.sha256[:12]}"
    if result.again:
        told += ", is being made again"
    return f"{told}: {figures.reason(result.reason)}" if result.reason else told
