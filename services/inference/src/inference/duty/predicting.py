"""Rows become predictions: the model that answers, and what it answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles import (
    Bundle,
    CleanRow,
    CleanTable,
    FieldError,
    RequestSchema,
    RowError,
    check_columns,
    check_rows,
)
from relevo_bundles.columns import Codes, Column
from relevo_bundles.encoding import Row
from relevo_bundles.plain_rows import PlainRows
from relevo_contracts import Manifest


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one row; unseen: its fields with a value that nobody knows."""

    prediction: int
    probability: float
    label: str
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Predictions:
    """The answers to the rows that fit, as columns, and what is wrong with the others.

    rows: the places of the rows that are answered, ascending, from 0.
    errors: the first `tables.MAX_ERRORS` of them; errors_total counts all.
    unseen: per feature, how many of the answered rows have a value that nobody knows.
    """

    rows: Codes
    probabilities: NDArray[np.float64]
    predictions: NDArray[np.bool_]
    errors: list[RowError]
    errors_total: int
    unseen: dict[str, int]


class ServingModel:
    """A bundle under the name and version that the registry gave it; immutable."""

    def __init__(self, bundle: Bundle, *, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self._bundle = bundle
        self._schema = RequestSchema(bundle.manifest)
        self._plain_rows = PlainRows(bundle.manifest.features, self._schema, bundle.encoder)
        self._labels, self._threshold = bundle.manifest.labels, bundle.manifest.threshold

    @property
    def manifest(self) -> Manifest:
        """What the model takes, and whence it came."""
        return self._bundle.manifest

    def predict(self, row: dict[str, JsonValue]) -> Prediction | list[FieldError]:
        """The answer to one row, or all that is wrong with it."""
        checked = self._schema.check(row)
        if not isinstance(checked, CleanRow):
            return checked
        return self._predict(
            self._bundle.encoder.encode_row(checked.values), checked.unseen
        )

    def predict_plain(self, body: bytes) -> Prediction | None:
        """The answer to a body that is plainly one valid row of JSON; None: look closer."""
        row = self._plain_rows.read(body)
        return None if row is None else self._predict(*row)

    def _predict(self, row: Row, unseen: tuple[str, ...]) -> Prediction:
        probability = self._bundle.probability(row)
        prediction = int(probability >= self._threshold)
        return Prediction(prediction, probability, self._labels[prediction], unseen)

    def predict_rows(self, rows: Sequence[JsonValue]) -> Predictions:
        """The answers to many rows."""
        return self._answered(check_rows(self._schema, rows))

    def predict_columns(self, columns: Mapping[str, Column], *, rows: int) -> Predictions:
        """The answers to as many rows, given by column; a `Coded` column is the fastest."""
        return self._answered(check_columns(self._schema, columns, rows=rows))

    def _answered(self, table: CleanTable) -> Predictions:
        probabilities = self._bundle.probabilities(table.columns)
        return Predictions(
            rows=table.fitting,
            probabilities=probabilities,
            predictions=probabilities >= self.manifest.threshold,
            errors=table.errors,
            errors_total=table.errors_total,
            unseen=table.unseen,
        )
