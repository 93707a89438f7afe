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
