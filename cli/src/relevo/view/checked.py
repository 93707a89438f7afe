"""What a dataset makes of a file, as people read it; and which datasets there are."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from relevo_datasets import Dataset
from relevo_datasets.quality.checking import Checked
from relevo_datasets.table_files import TableFile

MOST_WORDS = 3


def told(
    dataset: Dataset, file: TableFile, checked: Checked, lines: Mapping[int, int]
) -> RenderableType:
    """The whole message; lines: of the file, by row from 0."""
    parts: list[RenderableType] = [
        Text(f"{dataset.name}: {file.path}", style="bold"),
        Text(_counts(checked)),
    ]
    if checked.classes:
        classes = "  ".join(f"{name}: {rows:,}" for name, rows in checked.classes.items())
        parts.append(Text(f"classes  {classes}"))
    for reason, rows in checked.outside.items():
        parts.append(Text(f"outside of the task: {rows:,} rows: {reason}"))
    if checked.faults:
        parts += [Text(""), _faults(checked), *_problems(checked, lines)]
    if any(column.missing or column.unseen for column in checked.columns.values()):
        parts += [Text(""), _columns(checked)]
    parts += [Text(""), *_verdict(checked)]
    return Group(*parts)


def listed(datasets: Mapping[str, Dataset | str]) -> Table:
    """The datasets, or why one cannot be read."""
    table = _table("dataset", "title", "target", "rows")
    for name, dataset in datasets.items():
        if isinstance(dataset, str):
            table.add_row(name, Text(dataset, style="red"), "", "")
            continue
        target = dataset.default_target
        rows = dataset.source.path or "shipped"
        table.add_row(name, dataset.title, f"{target.column}, {target.task}", str(rows))
    return table


def _counts(checked: Checked) -> str:
    outside = sum(checked.outside.values())
    of_task = f", {outside:,} of them outside of the task" if outside else ""
    batches = "1 batch" if checked.batches == 1 else f"{checked.batches:,} batches"
    return (
        f"{checked.rows:,} rows in {batches}: {checked.readable:,} can be read{of_task},"
        f" {checked.quarantined:,} cannot"
    )


def _faults(checked: Checked) -> Table:
    table = _table("cannot be read", "why", "rows", "such as")
    faults = sorted(checked.faults.values(), key=lambda fault: -fault.rows)
    for fault in faults:
        meant = f"; did you mean {fault.nearest!r}?" if fault.nearest else ""
        shown = ", ".join(map(repr, fault.examples))
        table.add_row(fault.column, f"{fault.reason}{meant}", f"{fault.rows:,}", shown)
    return table


def _problems(checked: Checked, lines: Mapping[int, int]) -> Iterator[Text]:
    for problem in checked.problems:
        row = problem.row
        place = f"line {lines[row]}" if row in lines else f"row {row + 1}"
        yield Text(f"  {place}: {problem.column} {problem.value!r} {problem.reason}")
    if (more := checked.quarantined - len(checked.problems)) > 0 and checked.problems:
        yield Text(f"  and {more:,} more; --rows lists so many")


def _columns(checked: Checked) -> Table:
    table = _table("feature", "missing", "unknown", "unknown words")
    rows = max(checked.readable - sum(checked.outside.values()), 1)
    for name, column in checked.columns.items():
        if not (column.missing or column.unseen):
            continue
        words = sorted(column.unseen, key=lambda word: -column.unseen[word])[:MOST_WORDS]
        near = f"; did you mean {column.nearest!r}?" if column.nearest else ""
        table.add_row(
            name,
            f"{column.missing / rows:.1%}",
            f"{column.unknown / rows:.1%}",
            ", ".join(map(repr, words)) + near,
        )
    return table


def _verdict(checked: Checked) -> Iterator[Text]:
    for number, reason in checked.refusals.items():
        yield Text(f"batch {number} would be refused: {reason}", style="red")
    if not checked.refusals:
        yield Text("every batch would pass the quality gate", style="green")


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, header_style="dim", overflow="fold")
    return table
