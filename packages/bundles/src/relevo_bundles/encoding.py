"""Clean values become the numbers that a model was fitted on."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles.columns import Coded, Column
from relevo_contracts.manifest import Input, Lookup

Matrix = NDArray[np.float64]
Columns = Mapping[str, Column]
Values = Sequence[JsonValue]
Encode = Callable[[Values], list[float]]

NAN = float("nan")


class Encoder:
    """Rows × inputs of a model, made of columns of clean features."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._inputs = [(each.feature, _encode_by(each)) for each in inputs]

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
        for place, (name, encode) in enumerate(self._inputs):
            column = coded[name]
            matrix[:, place] = np.array(encode(column.values))[column.codes]
        return matrix


def _encode_by(each: Input) -> Encode:
    if isinstance(each.encoding, Lookup):
        return _looking_up(each.encoding)
    return _quantities


def _quantities(values: Values) -> list[float]:
    return [NAN if value is None else value for value in values]  # type: ignore[misc]


def _looking_up(lookup: Lookup) -> Encode:
    codes = {text: float(code) for text, code in lookup.codes.items()}
    otherwise = NAN if lookup.otherwise is None else float(lookup.otherwise)
    missing = NAN if lookup.missing is None else float(lookup.missing)
    is_head = lookup.part == "head"

    def encode(values: Values) -> list[float]:
        texts = [value if type(value) is str else _text(value) for value in values]
        if is_head:
            texts = [text and text.partition(".")[0] for text in texts]
        return [missing if text is None else codes.get(text, otherwise) for text in texts]

    return encode


def _text(value: JsonValue) -> str | None:
    """As the value is looked up; None: missing (of the numbers, only NaN != NaN)."""
    if value is None or value != value:
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
