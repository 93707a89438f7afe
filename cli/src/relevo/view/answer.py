"""An answer of SQL as a table that fits the terminal, and what is not in it."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from relevo_sql import Answer, View
from relevo_sql.values import as_json

WIDEST = 40
"""Of a cell, where there are several columns."""
GAP = 3
"""Between two columns: two of ours, one of the table's."""
NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL\(.*\)")


def table_of(answer: Answer, *, width: int) -> Group:
    """The rows; a single row that is too wide stands upright, one column a line."""
    names = [column.name for column in answer.columns]
    cells = [[in_cell(value) for value in row] for row in answer.rows]
    widths = [
        min(WIDEST, max(map(len, [name, *(row[place] for row in cells)])))
        for place, name in enumerate(names)
    ]
    fitting = fitting_columns(widths, width)
    upright = len(cells) == 1 and fitting < len(names)
    if upright:
        table = lines_of(names, cells[0])
    else:
        table = Table(
            box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0)
        )
        for column in answer.columns[:fitting]:
            table.add_column(Text(column.name), justify=side(column.type), no_wrap=True,
                             overflow="ellipsis", max_width=WIDEST)  # fmt: skip
        for row in cells:
            table.add_row(*map(Text, row[:fitting]))
    left_out = 0 if upright else len(names) - fitting
    return Group(table, Text(told(answer, left_out), style="dim"))


def lines_of(names: Sequence[str], row: Sequence[str]) -> Table:
    """One row, a column a line."""
    table = Table(box=None, show_header=False, padding=(0, GAP, 0, 0))
    for name, cell in zip(names, row, strict=True):
        table.add_row(Text(name, style="bold"), Text(cell))
    return table


def fitting_columns(widths: Sequence[int], width: int) -> int:
    """How many of the columns fit side by side, one at least."""
    used, count = 0, 0
    for each in widths:
        used += each + GAP
        if used > width and count:
            break
        count += 1
    return count


def side(column_type: str) -> Literal["left", "right"]:
    """Numbers stand on the right."""
    return "right" if NUMBER.fullmatch(column_type) else "left"


def in_cell(value: object) -> str:
    """A value in one line; nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
    if isinstance(value, (list, dict)):
        return json.dumps(as_json(value), ensure_ascii=False)
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:,.1f}"
    return " ".join(str(value).split("\n"))


def told(answer: Answer, left_out: int) -> str:
    """ "first 1,000 of more rows, 12 more columns in --format csv · 0.02 s"."""
    count = len(answer.rows)
    rows = f"first {count:,} of more rows" if answer.truncated else f"{count:,} rows"
    if count == 1 and not answer.truncated:
        rows = "1 row"
    plural = "s" * (left_out > 1)
    columns = f", {left_out} more column{plural}: name those you want" if left_out else ""
    return f"{rows}{columns} · {answer.seconds:.2f} s"


def listing(views: Sequence[View], schema: str | None) -> Table:
    """The views with their columns; schema: only those of this dataset."""
    table = Table(box=None, show_header=False, padding=(0, GAP, 0, 0))
    for view in views:
        if schema in (None, view.schema):
            columns = ", ".join(f"{c.name} {c.type}" for c in view.columns)
            table.add_row(Text(f"{view.schema}.{view.name}", style="bold"), Text(columns))
    return table
