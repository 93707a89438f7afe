"""Columns of many rows: a value that occurs a thousand times is looked at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

__all__ = ["ABSENT", "Coded", "Codes", "Column", "cells", "slow_cells", "slow_codes_of"]

Codes = NDArray[np.integer]

ABSENT: Any = object()
"""The cell of a field that a row left out."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as its different values, and per row the place of its value among them.

    An Arrow dictionary column is one already, without a list of all its values.
    """

    values: Sequence[JsonValue]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> JsonValue:
        return self.values[int(self.codes[row])]

    @classmethod
    def of(cls, column: "Column") -> "Coded":
        """The column, coded unless it is already."""
        if isinstance(column, Coded):
            return column
        if (coded := codes_of(list(column), ABSENT)) is None:
            return cls(column, np.arange(len(column)))
        return cls(*coded)

    def take(self, rows: Codes) -> "Coded":
        """The same column of some of the rows, in that order."""
        return Coded(self.values, self.codes[rows])


Column = Sequence[JsonValue] | Coded


def slow_codes_of(
    column: list[JsonValue], absent: object
) -> tuple[list[JsonValue], Codes] | None:
    """A column's different values, and per row the place of its value among them.

    None for values of several types: 1, 1.0 and true are equal but not the same, and
    arrays and objects cannot be looked up. None and `absent` are of any type.
    """
    kinds = set(map(type, column)) - {type(None), type(absent)}
    if len(kinds) > 1 or not kinds <= {str, int, float, bool}:
        return None
    places = {value: place for place, value in enumerate(dict.fromkeys(column))}
    codes = np.fromiter(map(places.__getitem__, column), np.intp, len(column))
    return list(places), codes


def slow_cells(
    rows: list[dict[str, JsonValue]], name: str, absent: JsonValue
) -> list[JsonValue]:
    """The column of that name, `absent` where a row has none."""
    return [row.get(name, absent) for row in rows]


try:
    from relevo_bundles.native import cells, codes_of
except ImportError:  # there was no compiler where the package was built
    cells, codes_of = slow_cells, slow_codes_of
