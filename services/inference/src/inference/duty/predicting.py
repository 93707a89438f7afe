"""Rows become predictions: the model that answers, and what it answers. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from inference.duty.answering import FORMS, Answers
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
from relevo_bundles.tables import MAX_ERRORS
from relevo_contracts import Manifest


@dataclass(frozen=True, slots=True)
class Prediction:
    """The answer to one row, a number per output of the model.

    unseen: its fields with a value that nobody knows. id: what the caller calls the row.
    """

    numbers: Sequence[float]
    unseen: tuple[str, ...] = ()
    id: JsonValue = None


@dataclass(frozen=True, slots=True)
class Predictions:
    """The answers to the rows that fit, and what is wrong with the others.

    rows: the places of the rows that are answered, ascending, from 0.
    answers: (rows × outputs).
    errors: the first `tables.MAX_ERRORS` of them; errors_total counts all.
    unseen: per feature, which of the answered rows have a value that nobody knows.
    ids: what the caller calls each row that was sent; None: nothing.
    """

    rows: Codes
    answers: Answers
    errors: list[RowError]
    errors_total: int
    unseen: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    ids: Sequence[JsonValue] | None = None


class ServingModel:
    """A bundle under the name and version that the registry gave it; immutable."""

    def __init__(self, bundle: Bundle, *, name: str, version: str) -> None:
        self.name = name
        self.version = version
        self.form = FORMS[bundle.manifest.task](bundle.manifest)
        self._bundle = bundle
        self._schema = RequestSchema(bundle.manifest)
        self._plain_rows = PlainRows(self._schema, bundle.encoder)
        self._has_one_output = bundle.outputs == 1

    @property
    def manifest(self) -> Manifest:
        """What the model takes, and whence it came."""
        return self._bundle.manifest

    def predict(self, row: dict[str, JsonValue]) -> Prediction | list[FieldError]:
        """The answer to one row, or all that is wrong with it."""
        checked = self._schema.check(row)
        if not isinstance(checked, CleanRow):
            return checked
        numbers = self._numbers(self._bundle.encoder.encode_row(checked.values))
        return Prediction(numbers, checked.unseen, checked.id)

    def predict_plain(self, body: bytes) -> Prediction | None:
        """The answer to a body that is plainly one valid row of JSON; None: look closer."""
        read = self._plain_rows.read(body)
        return None if read is None else Prediction(self._numbers(read[0]), read[1])

    def _numbers(self, row: Row) -> Sequence[float]:
        if self._has_one_output:
            return (self._bundle.number(row),)
        return self._bundle.numbers(row)

    def wrong_columns(self, names: Iterable[str]) -> list[FieldError]:
        """What is wrong with the names of a table's columns, each told once."""
        return self._schema.wrong_columns(names)

    def knows_any(self, names: Iterable[str]) -> bool:
        """True when one of the names is one that a row may have."""
        return not self._schema.taken.isdisjoint(names)

    def predict_rows(
        self, rows: Sequence[JsonValue], *, most_errors: int = MAX_ERRORS
    ) -> Predictions:
        """The answers to many rows; more errors are counted, not told."""
        return self._answered(check_rows(self._schema, rows, most_errors=most_errors))

    def predict_columns(
        self, columns: Mapping[str, Column], *, rows: int, most_errors: int = MAX_ERRORS
    ) -> Predictions:
        """The answers to as many rows, given by column; a `Coded` column is the fastest."""
        return self._answered(
            check_columns(self._schema, columns, rows=rows, most_errors=most_errors)
        )

    def _answered(self, table: CleanTable) -> Predictions:
        return Predictions(
            rows=table.fitting,
            answers=self._bundle.answers(table.columns),
            errors=table.errors,
            errors_total=table.errors_total,
            unseen=table.unseen,
            ids=table.ids,
        )
