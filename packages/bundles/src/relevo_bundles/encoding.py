"""Clean values become the numbers that a model was fitted on."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles.columns import Coded, Column
from relevo_contracts import Feature
from relevo_contracts.manifest import Encoding, Input, Lookup

Matrix = NDArray[np.float64]
Columns = Mapping[str, Column]
Row = list[float | None]
"""The numbers of one row, None for not-a-number."""

NAN = float("nan")


class Encoder:
    """Rows × inputs of a model, made of columns of clean features."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._inputs = [(each.feature, _number_of(each.encoding)) for each in inputs]

    def encode(self, columns: Columns) -> Matrix:
        """The model's matrix, float64, one column per input in the manifest's order.

        columns: per feature as many values as there are rows; null, and not-a-number,
        mean missing. Features that no input is made of may be absent.
        Raises ValueError when a needed feature is absent or the lengths differ.
        """
        try:
            coded = {name: Coded.of(columns[name]) for name, _ in self._inputs}
        except KeyError as error:
            raise ValueError(f"the model needs the feature {error}") from error
        lengths = {len(column) for column in coded.values()}
        if len(lengths) != 1:
            raise ValueError(f"the columns have different lengths: {sorted(lengths)}")
        matrix = np.empty((lengths.pop(), len(self._inputs)))
        for place, (name, number_of) in enumerate(self._inputs):
            column = coded[name]
            numbers = np.array(list(map(number_of, column.values)), np.float64)
            matrix[:, place] = numbers[column.codes]
        return matrix


class RowEncoder:
    """The inputs of a model for one row at a time, made of the values of all features."""

    def __init__(self, inputs: Sequence[Input], features: Sequence[Feature]) -> None:
        places = {feature.name: place for place, feature in enumerate(features)}
        self._inputs = [
            (place := places[each.feature], _by_kind(each.encoding, features[place]))
            for each in inputs
        ]

    def encode(self, values: Sequence[JsonValue]) -> Row:
        """The numbers of a row whose clean values come in the features' order."""
        return [
            values[place] if number_of is None else number_of(values[place])  # type: ignore[misc]
            for place, number_of in self._inputs
        ]


class Codes(dict[JsonValue, float]):
    """The codes of values by their text, and what a value without one gets."""

    def __init__(self, lookup: Lookup) -> None:
        self._is_head = lookup.part == "head"
        self._otherwise = NAN if lookup.otherwise is None else float(lookup.otherwise)
        self._missing = NAN if lookup.missing is None else float(lookup.missing)
        # what stands before the first point has none itself
        texts = [text for text in lookup.codes if not (self._is_head and "." in text)]
        super().__init__({text: float(lookup.codes[text]) for text in texts})

    def __missing__(self, value: JsonValue) -> float:
        text = value if isinstance(value, str) else _text(value)
        if text is None:
            return self._missing
        return self.get(text.partition(".")[0] if self._is_head else text, self._otherwise)


def _number_of(encoding: Encoding) -> Callable[[JsonValue], float]:
    return Codes(encoding).__getitem__ if isinstance(encoding, Lookup) else _quantity


def _by_kind(encoding: Encoding, feature: Feature) -> Callable[[JsonValue], float] | None:
    """What looks the values of such a feature up at once; None: they are the numbers."""
    if not isinstance(encoding, Lookup):
        return None
    codes = Codes(encoding)
    if feature.kind == "boolean":
        codes.update({flag: codes[flag] for flag in (False, True)})
    elif feature.kind == "identifier":
        numbers = [int(text) for text in encoding.codes if text.isdecimal()]
        codes.update({number: codes[number] for number in numbers})
    return codes.__getitem__


def _quantity(value: JsonValue) -> float:
    return NAN if value is None else value  # type: ignore[return-value]


def _text(value: JsonValue) -> str | None:
    """As the value is looked up; None: missing (of the numbers, only NaN != NaN)."""
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
