"""A body is read part by part: of no more than one part there are objects at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from relevo_bundles import RowError
from relevo_bundles.columns import Column

PART_ROWS = 5_000

CheckNames = Callable[[Sequence[str], bool], None]
"""Raises Problem 422 for names that the model does not take; the bool: these are all."""


@dataclass(frozen=True)
class Rows:
    """Some rows, as values of JSON."""

    values: list[JsonValue]


@dataclass(frozen=True)
class Columns:
    """Some rows by column; `rows` were sent, those of `ragged` are left out.

    places: per row of the columns, its place among those sent; None: all were whole.
    ragged: the lines that have another number of values than the header.
    """

    columns: dict[str, Column]
    rows: int
    places: list[int] | None = None
    ragged: list[RowError] = field(default_factory=list)


Part = Rows | Columns


def columns_under(header: Sequence[str], rows: Sequence[Sequence[JsonValue]]) -> Columns:
    """Lines of values under a header; those of another length are told as ragged."""
    places: list[int] | None = None
    ragged: list[RowError] = []
    if set(map(len, rows)) - {len(header)}:
        places = [place for place, row in enumerate(rows) if len(row) == len(header)]
        ragged = [
            RowError(place, None, f"has {len(row)} values, the header {len(header)}")
            for place, row in enumerate(rows)
            if len(row) != len(header)
        ]
    fitting = rows if places is None else [rows[place] for place in places]
    columns = zip(*fitting, strict=True) if fitting else ((),) * len(header)
    named: dict[str, Column] = dict(zip(header, columns, strict=True))
    return Columns(named, len(rows), places, ragged)
