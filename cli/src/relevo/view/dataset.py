"""What becomes of a stranger's table, as people read it: drafted, checked, listed."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from relevo_datasets import Dataset
from relevo_datasets.drafting.files import Drafted, Wish
from relevo_datasets.quality.checking import Checked
from relevo_datasets.table_files import TableFile

MOST_WORDS = 3
MOST_LOOKS = 20


def drafted(wish: Wish, made: Drafted, checked: Checked, own: Path | None) -> Group:
    """What was decided and what to look at; own: what RELEVO_DATASETS names already."""
    file, draft = made.declaration, made.draft
    is_set = own is not None and own == file.parent.resolve()
    setting = "" if is_set else f"RELEVO_DATASETS={file.parent} "
    return Group(
        Text(f"{wish.file}: {made.rows:,} rows → {file}", style="bold"),
        _decisions(made, checked),
        *_looks(draft.all_looks, file.name),
        *_refusals(checked),
        "",
        Text(f"next: relevo dataset check {file}"),
        Text(f"      {setting}relevo up --dataset {draft.name}"),
    )


def _decisions(made: Drafted, checked: Checked) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    draft = made.draft
    classes = [str(each.get("value", each["label"])) for each in draft.target.classes]
    told = f": {', '.join(classes)}" if classes else ""
    table.add_row("target", Text(f"{draft.target.column}, {draft.target.task}{told}"))
    kinds = Counter(str(guess.facts["kind"]) for guess in draft.features)
    each_kind = ", ".join(f"{times} {kind}" for kind, times in kinds.most_common())
    table.add_row("features", f"{len(draft.features)}: {each_kind}")
    if draft.left_out:
        left = (f"{each.column or '(no name)'} {each.reason}" for each in draft.left_out)
        table.add_row("left out", Text("\n".join(left)))
    batches = math.ceil(made.rows / made.batch_rows)
    table.add_row("batches", f"{batches:,} of {made.batch_rows:,} rows at most")
    if made.copy:
        why = "; ".join(made.copied_because)
        table.add_row("a copy", Text(f"{made.copy}, since {why}"))
    first = "" if checked.rows == made.rows else "the first "
    table.add_row("read", f"{checked.readable:,} of {first}{checked.rows:,} rows fit")
    return table


def _looks(looks: Sequence[str], file: str) -> Iterator[Text]:
    if looks:
        yield Text(f"\nworth a look in {file}:")
        yield from (Text(f"  · {look}", overflow="fold") for look in looks[:MOST_LOOKS])
    if (more := len(looks) - MOST_LOOKS) > 0:
        yield Text(f"  · and {more} more, by LOOK in the file")


def checked(
    dataset: Dataset, file: TableFile, found: Checked, lines: Mapping[int, int]
) -> Group:
    """What would be read and what would not; lines: of the file, by row from 0."""
    outside = found.outside
    of_task = f", {sum(outside.values()):,} of them outside of the task" if outside else ""
    batches = "1 batch" if found.batches == 1 else f"{found.batches:,} batches"
    classes = "  ".join(f"{name}: {rows:,}" for name, rows in found.classes.items())
    parts: list[RenderableType] = [
        Text(f"{dataset.name}: {file.path}", style="bold"),
        f"{found.rows:,} rows in {batches}: {found.readable:,} can be read{of_task},"
        f" {found.quarantined:,} cannot",
        *([Text(f"classes  {classes}")] if classes else []),
        *(Text(f"outside of the task: {n:,} rows: {why}") for why, n in outside.items()),
    ]
    if found.faults:
        parts += ["", _faults(found), *_problems(found, lines)]
    if any(column.missing or column.unseen for column in found.columns.values()):
        parts += ["", _columns(found)]
    passes = Text("every batch would pass the quality gate", style="green")
    return Group(*parts, "", *(list(_refusals(found)) or [passes]))


def _refusals(found: Checked) -> Iterator[Text]:
    for number, reason in found.refusals.items():
        yield Text(f"batch {number} would be refused: {reason}", style="red")


def _faults(found: Checked) -> Table:
    faults = sorted(found.faults.values(), key=lambda fault: -fault.rows)
    rows = (
        (
            fault.column,
            f"{fault.reason}{_meant(fault.nearest)}",
            f"{fault.rows:,}",
            ", ".join(map(repr, fault.examples)),
        )
        for fault in faults
    )
    return _table(("cannot be read", "why", "rows", "such as"), rows)


def _problems(found: Checked, lines: Mapping[int, int]) -> Iterator[Text]:
    for problem in found.problems:
        row = problem.row
        place = f"line {lines[row]}" if row in lines else f"row {row + 1}"
        yield Text(f"  {place}: {problem.column} {problem.value!r} {problem.reason}")
    if (more := found.quarantined - len(found.problems)) > 0 and found.problems:
        yield Text(f"  and {more:,} more; --rows lists so many")


def _columns(found: Checked) -> Table:
    of = max(found.readable - sum(found.outside.values()), 1)
    rows = (
        (
            name,
            f"{column.missing / of:.1%}",
            f"{column.unknown / of:.1%}",
            ", ".join(
                repr(word) for word, _ in Counter(column.unseen).most_common(MOST_WORDS)
            )
            + _meant(column.nearest),
        )
        for name, column in found.columns.items()
        if column.missing or column.unseen
    )
    return _table(("feature", "missing", "unknown", "unknown words"), rows)


def _meant(nearest: str | None) -> str:
    return f"; did you mean {nearest!r}?" if nearest else ""


def _place(dataset: Dataset) -> str:
    source = dataset.source
    return str(source.path or source.url or source.topic or "shipped")


def listed(datasets: Mapping[str, Dataset | str]) -> Table:
    """The datasets, or why one cannot be read."""
    rows = (
        (name, Text(dataset, style="red"), "", "")
        if isinstance(dataset, str)
        else (
            name,
            Text(dataset.title),
            f"{dataset.default_target.column}, {dataset.default_target.task}",
            _place(dataset),
        )
        for name, dataset in datasets.items()
    )
    return _table(("dataset", "title", "target", "rows"), rows)


def _table(titles: Iterable[str], rows: Iterable[tuple[str | Text, ...]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table
