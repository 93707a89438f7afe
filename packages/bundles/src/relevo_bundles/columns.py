"""Columns of many rows: a value that occurs a thousand times is looked at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

Codes = NDArray[np.integer]

ABSENT: Any = object()
"""The cell of a field that a row left out."""

HASHABLE = {str, int, float, bool}


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
        kinds = set(map(type, column)) - {type(None), type(ABSENT)}
        # 1, 1.0 and true are equal but not the same; arrays and objects have no hash
        if len(kinds) > 1 or not kinds <= HASHABLE:
            return cls(column, np.arange(len(column)))
        places = {value: place for place, value in enumerate(dict.fromkeys(column))}
        codes = np.fromiter(map(places.__getitem__, column), np.intp, len(column))
        return cls(list(places), codes)

    def take(self, rows: Codes) -> "Coded":
        """The same column of some of the rows, in that order."""
        return Coded(self.values, self.codes[rows])


Column = Sequence[JsonValue] | Coded
