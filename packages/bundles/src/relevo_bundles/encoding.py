"""Clean values become the numbers that a model was fitted on."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles.columns import Coded, Column
from relevo_contracts.manifest import Encoding, Input, Lookup
from relevo_features import text_of

Matrix = NDArray[np.float64]
Columns = Mapping[str, Column]
NumberOf = Callable[[JsonValue], float]
Row = Sequence[float | None]
"""The numbers of one row; None is not-a-number."""

NAN = float("nan")


class Encoder:
    """The inputs of a model, made of clean features.

    inputs: per input of the manifest its feature, and what makes a number of a value.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.inputs = [(each.feature, _number_of(each.encoding)) for each in inputs]

    def encode_row(self, values: Mapping[str, JsonValue]) -> Row:
        """The numbers of one row; see `encode`."""
        return [number_of(values[name]) for name, number_of in self.inputs]

    def encode(self, columns: Columns) -> Matrix:
        """The model's matrix, float64, one column per input in the manifest's order.

        columns: per feature as many values as there are rows; null, and not-a-number,
        mean missing. Features that no input is made of may be absent.
        Raises ValueError when a needed feature is absent or the lengths differ.
        """
        try:
            coded = {name: Coded.of(columns[name]) for name, _ in self.inputs}
        except KeyError as error:
            raise ValueError(f"the model needs the feature {error}") from error
        lengths = {len(column) for column in coded.values()}
        if len(lengths) != 1:
            raise ValueError(f"the columns have different lengths: {sorted(lengths)}")
        matrix = np.empty((lengths.pop(), len(self.inputs)))
        for place, (name, number_of) in enumerate(self.inputs):
            column = coded[name]
            numbers = np.array(list(map(number_of, column.values)), np.float64)
            matrix[:, place] = numbers[column.codes]
        return matrix


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
        # of the numbers, only not-a-number is not itself
        if value is None or value != value:
            return self._missing
        text = text_of(value)
        return self.get(text.partition(".")[0] if self._is_head else text, self._otherwise)


def _number_of(encoding: Encoding) -> NumberOf:
    return Codes(encoding).__getitem__ if isinstance(encoding, Lookup) else quantity


def quantity(value: JsonValue) -> float:
    """The number itself."""
    return NAN if value is None else value  # type: ignore[return-value]
