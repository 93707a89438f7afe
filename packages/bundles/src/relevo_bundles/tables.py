"""Many rows are checked a column at a time, with the same result as row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_bundles.columns import ABSENT, Coded, Codes, Column, cells
from relevo_bundles.requests import CleanRow, RequestSchema, is_id
from relevo_features import Reader, Unfit

MAX_ERRORS = 1000
"""More errors than this are counted, not listed: answers do not outgrow their questions."""

SUGGESTED_ROWS = 20
"""For the words that may be meant in later ones is not looked: that takes milliseconds."""

Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one row of many; field None: with the row as a whole."""

    row: int
    field: str | None
    message: str
    value: str | None = None
    allowed: str | None = None
    id: JsonValue = None


@dataclass(frozen=True, slots=True)
class CleanTable:
    """The rows that fit, by column, and what is wrong with the others.

    fitting: the places of the rows that fit, ascending; `columns` has only these.
    errors: the first of them, in the order of the rows; errors_total counts all.
    unseen: per feature, which of the fitting rows have a category that the dataset does
    not know; they are answered.
    ids: what the caller calls each row that was sent; None: nothing.
    """

    fitting: Codes
    columns: dict[str, Coded]
    errors: list[RowError]
    errors_total: int
    unseen: dict[str, Marks]
    ids: Sequence[JsonValue] | None = None


def check_columns(
    schema: RequestSchema,
    columns: Mapping[str, Column],
    *,
    rows: int,
    most_errors: int = MAX_ERRORS,
) -> CleanTable:
    """The clean table of columns that have `rows` values each; pure.

    The columns' names are right, as `schema.wrong_columns` says. most_errors: that are
    told; the others are counted.
    """

    def row_at(place: int) -> dict[str, JsonValue]:
        row = {name: column[place] for name, column in columns.items()}
        return {name: value for name, value in row.items() if value is not ABSENT}

    clean_names = {schema.meant.get(name, name): columns[name] for name in columns}
    named = [name for name in schema.ids if name in columns]
    ids = [schema.id_of(row) for row in _rows(columns, named, rows)] if named else None
    wrong = np.zeros(rows, np.intp)
    if ids is not None:
        wrong += [not is_id(each) for each in ids]
    return _check(schema, clean_names, wrong, [], row_at, ids, most_errors)


def check_rows(
    schema: RequestSchema, rows: Sequence[JsonValue], *, most_errors: int = MAX_ERRORS
) -> CleanTable:
    """The clean table of rows; one that is no object is an error like any other; pure."""
    plain: list[dict[str, JsonValue]] = []
    no_rows: list[int] = []
    wrong = np.zeros(len(rows), np.intp)
    ids: dict[int, JsonValue] = {}
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            no_rows.append(place)
            plain.append({})
        elif schema.names.issuperset(row):
            plain.append(row)
        else:
            wrong[place] = schema.count_refused_names(row)
            ids[place] = schema.id_of(row)
            plain.append(schema.clean_names(row))
    columns = {name: cells(plain, name, ABSENT) for name in schema.names}
    named = [ids.get(place) for place in range(len(rows))] if any(ids.values()) else None
    at = rows.__getitem__
    return _check(schema, columns, wrong, no_rows, at, named, most_errors)


def _check(
    schema: RequestSchema,
    columns: Mapping[str, Column],
    wrong: Codes,
    no_rows: Sequence[int],
    row_at: Callable[[int], JsonValue],
    ids: Sequence[JsonValue] | None,
    most_errors: int,
) -> CleanTable:
    """wrong: errors of each row so far, added to; no_rows: what is no row has one."""
    nothing = Coded([ABSENT], np.zeros(len(wrong), np.intp))
    clean: dict[str, Coded] = {}
    unseen: dict[str, Marks] = {}
    for reader in schema.readers:
        name = reader.feature.name
        coded = Coded.of(columns.get(name, nothing))
        clean[name], unfit, unseen[name] = _clean(reader, coded)
        if unfit.any():
            wrong += unfit[coded.codes]
    wrong[list(no_rows)] = 1
    wrong[(wrong == 0) & _outside(schema, clean, len(wrong))] = 1
    is_fitting = wrong == 0
    fitting = np.flatnonzero(is_fitting)
    if len(fitting) < len(wrong):
        clean = {name: column.take(fitting) for name, column in clean.items()}
    strange = {
        name: is_unseen[clean[name].codes]
        for name, is_unseen in unseen.items()
        if is_unseen.any()
    }
    return CleanTable(
        fitting=fitting,
        columns=clean,
        errors=_first_errors(schema, np.flatnonzero(~is_fitting), row_at, most_errors),
        errors_total=int(wrong.sum()),
        unseen={name: marks for name, marks in strange.items() if marks.any()},
        ids=ids,
    )


def _clean(reader: Reader, column: Coded) -> tuple[Coded, Marks, Marks]:
    """The clean column, and which of its different values do not fit, and are unseen."""
    values: list[JsonValue] = []
    unfit = np.zeros(len(column.values), np.bool_)
    unseen = np.zeros(len(column.values), np.bool_)
    for place, value in enumerate(column.values):
        try:
            clean = reader.when_absent() if value is ABSENT else reader.read(value)
        except Unfit:
            unfit[place] = True
            values.append(None)
        else:
            unseen[place] = reader.is_unseen(clean)
            values.append(clean)
    return Coded(values, column.codes), unfit, unseen


def _outside(schema: RequestSchema, clean: Mapping[str, Coded], rows: int) -> Marks:
    """The rows that are no part of the task."""
    outside = np.zeros(rows, np.bool_)
    for feature in schema.population.words:
        column = clean[feature]
        reasons = [schema.population.reason(feature, value) for value in column.values]
        outside |= np.array([r is not None for r in reasons], np.bool_)[column.codes]
    return outside


def _rows(
    columns: Mapping[str, Column], names: Sequence[str], rows: int
) -> list[dict[str, JsonValue]]:
    return [{name: columns[name][place] for name in names} for place in range(rows)]


def _first_errors(
    schema: RequestSchema, rows: Codes, row_at: Callable[[int], JsonValue], most: int
) -> list[RowError]:
    errors: list[RowError] = []
    for number, place in enumerate(rows[:most].tolist()):
        if len(errors) >= most:
            break
        suggest = number < SUGGESTED_ROWS
        errors += _errors_of(schema, place, row_at(place), suggest=suggest)
    return errors[:most]


def _errors_of(
    schema: RequestSchema, place: int, row: JsonValue, *, suggest: bool
) -> list[RowError]:
    if not isinstance(row, dict):
        return [RowError(place, None, "is not a JSON object")]
    checked = schema.check(row, suggest=suggest)
    if isinstance(checked, CleanRow):
        return []
    named = schema.id_of(row)
    name = None if isinstance(named, list | dict) else named
    return [RowError(place, e.field, e.message, e.value, e.allowed, name) for e in checked]
