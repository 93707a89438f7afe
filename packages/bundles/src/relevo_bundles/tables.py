"""Many rows are checked a column at a time, with the same result as row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles.columns import ABSENT, Coded, Codes, Column, cells
from relevo_bundles.requests import MAX_UNKNOWN, CleanRow, Field, RequestSchema
from relevo_bundles.values import Unfit

MAX_ERRORS = 1000
"""More errors than this are counted, not listed: answers do not outgrow their questions."""


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of many; field None: with the row as a whole."""

    row: int
    field: str | None
    message: str
    value: str | None = None
    allowed: str | None = None


@dataclass(frozen=True, slots=True)
class CleanTable:
    """The rows that fit, by column, and what is wrong with the others.

    fitting: the places of the rows that fit, ascending; `columns` has only these.
    errors: the first of them, in the order of the rows; errors_total counts all.
    unseen: per feature, in how many fitting rows its category is none that the dataset
    knows; they are answered.
    """

    fitting: Codes
    columns: dict[str, Coded]
    errors: list[RowError]
    errors_total: int
    unseen: dict[str, int]


def check_columns(
    schema: RequestSchema, columns: Mapping[str, Column], *, rows: int
) -> CleanTable:
    """The clean table of columns that have `rows` values each; pure."""
    unknown = len(columns.keys() - schema.names)
    refusals = min(unknown, MAX_UNKNOWN) + (unknown > MAX_UNKNOWN)

    def row_at(place: int) -> dict[str, JsonValue]:
        row = {name: column[place] for name, column in columns.items()}
        return {name: value for name, value in row.items() if value is not ABSENT}

    return _check(schema, columns, np.full(rows, refusals), {}, row_at)


def check_rows(schema: RequestSchema, rows: Sequence[JsonValue]) -> CleanTable:
    """The clean table of rows; one that is no object is an error like any other; pure."""
    plain: list[dict[str, JsonValue]] = []
    odd: dict[int, int] = {}
    for place, row in enumerate(rows):
        if isinstance(row, dict) and schema.names.issuperset(row):
            plain.append(row)
        else:
            odd[place] = len(_errors_of(schema, place, row))
            plain.append({})
    columns = {field.name: cells(plain, field.name, ABSENT) for field in schema.fields}
    return _check(schema, columns, np.zeros(len(rows), np.intp), odd, rows.__getitem__)


def _check(
    schema: RequestSchema,
    columns: Mapping[str, Column],
    wrong: Codes,
    odd: Mapping[int, int],
    row_at: Callable[[int], JsonValue],
) -> CleanTable:
    """wrong: errors of each row so far, added to; odd: rows whose errors are counted."""
    nothing = Coded([ABSENT], np.zeros(len(wrong), np.intp))
    clean: dict[str, Coded] = {}
    unseen: dict[str, NDArray[np.bool_]] = {}
    for field in schema.fields:
        coded = Coded.of(columns.get(field.name, nothing))
        clean[field.name], unfit, unseen[field.name] = _clean(field, coded)
        if unfit.any():
            wrong += unfit[coded.codes]
    wrong[list(odd)] = list(odd.values())
    is_fitting = wrong == 0
    fitting = np.flatnonzero(is_fitting)
    if len(fitting) < len(wrong):
        clean = {name: column.take(fitting) for name, column in clean.items()}
    counts = {
        name: int(is_unseen[clean[name].codes].sum())
        for name, is_unseen in unseen.items()
        if is_unseen.any()
    }
    return CleanTable(
        fitting=fitting,
        columns=clean,
        errors=_first_errors(schema, np.flatnonzero(~is_fitting), row_at),
        errors_total=int(wrong.sum()),
        unseen={name: count for name, count in counts.items() if count},
    )


def _clean(
    field: Field, column: Coded
) -> tuple[Coded, NDArray[np.bool_], NDArray[np.bool_]]:
    """The clean column, and which of its different values do not fit, and are unseen."""
    values: list[JsonValue] = []
    unfit = np.zeros(len(column.values), np.bool_)
    unseen = np.zeros(len(column.values), np.bool_)
    for place, value in enumerate(column.values):
        if value is ABSENT:
            values.append(field.default)
            unfit[place] = field.required
            continue
        try:
            clean = field.clean(value)
        except Unfit:
            unfit[place] = True
        else:
            unseen[place] = field.is_unseen(clean)
        values.append(None if unfit[place] else clean)
    return Coded(values, column.codes), unfit, unseen


def _first_errors(
    schema: RequestSchema, rows: Codes, row_at: Callable[[int], JsonValue]
) -> list[RowError]:
    errors: list[RowError] = []
    for place in rows.tolist():
        errors += _errors_of(schema, place, row_at(place))
        if len(errors) >= MAX_ERRORS:
            break
    return errors[:MAX_ERRORS]


def _errors_of(schema: RequestSchema, place: int, row: JsonValue) -> list[RowError]:
    if not isinstance(row, dict):
        return [RowError(place, None, "is not a JSON object")]
    checked = schema.check(row)
    if isinstance(checked, CleanRow):
        return []
    return [RowError(place, e.field, e.message, e.value, e.allowed) for e in checked]
