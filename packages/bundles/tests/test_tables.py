"""Many rows at once are checked as each of them would be alone."""

import random

import numpy as np
import pytest
from pydantic import JsonValue

from relevo_bundles import (
    CleanRow,
    Coded,
    RequestSchema,
    RowError,
    check_columns,
    check_rows,
    columns,
    tables,
)
from relevo_bundles.requests import MAX_UNKNOWN
from relevo_bundles.samples import ROW, sample_manifest
from relevo_bundles.tables import MAX_ERRORS, SUGGESTED_ROWS, CleanTable
from relevo_contracts.manifest import Outside

SCHEMA = RequestSchema(sample_manifest())
ODD: list[JsonValue] = [
    *(None, True, False, 0, 1, 1.0, 7, 2.5, -1, 10**30, 1e300, "", "1", "250.01", "No"),
    *("Steady", "unheard of", "x" * 201, " Steady ", "3", "3.0", "?", "Yes", "TRUE"),
    *(float("nan"), float("inf"), "NaN"),
]
ODD += [[], [1], {}, {"a": [None]}]


def odd_rows(number: int, seed: int) -> list[JsonValue]:
    """Rows of which most are wrong somewhere: in values, in fields, or as a whole."""
    chance = random.Random(seed)  # noqa: S311
    rows: list[JsonValue] = []
    for _ in range(number):
        row = dict(ROW)
        for name in chance.sample(sorted(ROW), chance.choice([0, 0, 1, 3])):
            row[name] = chance.choice(ODD)
        for name in chance.sample(sorted(ROW), chance.choice([0, 0, 0, 1, 2])):
            del row[name]
        if chance.random() < 0.2:
            row["age"] = row.pop("age_bucket", "[0-10)")
        if chance.random() < 0.1:
            row["id"] = chance.choice(ODD)
        for unknown in range(chance.choice([0] * 9 + [1, 12])):
            row[f"unknown {unknown}"] = chance.choice(ODD)
        rows.append(row if chance.random() < 0.98 else chance.choice(ODD[:20]))
    return rows


def one_by_one(rows: list[JsonValue]) -> tuple[dict[int, CleanRow], list[RowError]]:
    fitting: dict[int, CleanRow] = {}
    errors: list[RowError] = []
    for place, row in enumerate(rows):
        if not isinstance(row, dict):
            errors.append(RowError(place, None, "is not a JSON object"))
        elif isinstance(checked := SCHEMA.check(row), CleanRow):
            fitting[place] = checked
        else:
            errors += [
                RowError(place, e.field, e.message, e.value, e.allowed, told_id(row))
                for e in checked
            ]
    return fitting, errors


def told_id(row: dict[str, JsonValue]) -> JsonValue:
    name = row.get("id")
    return None if isinstance(name, list | dict) else name


def assert_same(table: CleanTable, rows: list[JsonValue]) -> None:
    fitting, errors = one_by_one(rows)
    assert table.fitting.tolist() == list(fitting)
    for at, row in enumerate(fitting.values()):
        values = {name: column[at] for name, column in table.columns.items()}
        assert repr(values) == repr(row.values)
    assert repr(table.errors) == repr(errors[:MAX_ERRORS])
    assert table.errors_total == len(errors)
    for at, row in enumerate(fitting.values()):
        assert [n for n, marks in table.unseen.items() if marks[at]] == [*row.unseen]
    if table.ids is not None:
        assert [table.ids[p] for p in fitting] == [r.id for r in fitting.values()]


@pytest.mark.parametrize("is_native", [True, False], ids=["C", "Python"])
@pytest.mark.parametrize("seed", range(20))
def test_rows_are_checked_as_each_alone(
    seed: int, is_native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_native:
        monkeypatch.setattr(columns, "codes_of", columns.slow_codes_of)
        monkeypatch.setattr(tables, "cells", columns.slow_cells)
    rows = odd_rows(200, seed)

    assert_same(check_rows(SCHEMA, rows), rows)


@pytest.mark.parametrize("seed", range(20))
def test_columns_are_checked_as_the_rows_that_they_make(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    table = {name: [ROW[name]] * 50 for name in ROW}
    for name in chance.sample(sorted(ROW), 3):
        table[name][chance.randrange(50)] = chance.choice(ODD)
    if seed % 4 == 0:
        del table["insulin"]
    if seed % 5 == 0:
        table["age"] = table.pop("age_bucket")
    if seed % 3 == 0:
        table["id"] = [chance.choice(ODD) for _ in range(50)]
    rows: list[JsonValue] = [
        dict(zip(table, values, strict=True))
        for values in zip(*table.values(), strict=True)
    ]

    assert_same(check_columns(SCHEMA, table, rows=50), rows)


def test_a_dictionary_column_is_its_list_of_values() -> None:
    coded = Coded(["[0-10)", "unheard of", None], np.array([0, 1, 0, 2, 1]))
    table = {name: [value] * 5 for name, value in ROW.items()}

    one = check_columns(SCHEMA, table | {"age_bucket": coded}, rows=5)
    listed = [coded[row] for row in range(5)]
    other = check_columns(SCHEMA, table | {"age_bucket": listed}, rows=5)

    assert one.fitting.tolist() == other.fitting.tolist() == [0, 1, 2, 4]
    assert one.unseen["age_bucket"].tolist() == [False, True, False, True]
    assert other.unseen["age_bucket"].tolist() == [False, True, False, True]
    assert one.errors == other.errors
    assert one.errors[0].row == 3


def test_equal_values_of_another_type_are_not_taken_for_each_other() -> None:
    table = {name: [value] * 4 for name, value in ROW.items()}

    checked = check_columns(SCHEMA, table | {"visits": [1, True, 1.0, "1.5"]}, rows=4)

    assert checked.fitting.tolist() == [0, 2]
    assert [error.row for error in checked.errors] == [1, 3]


def test_columns_that_lack_or_that_nobody_knows_are_told_once() -> None:
    names = [*(name for name in ROW if name not in {"visits", "dose"}), "visit", "id"]

    wrong = SCHEMA.wrong_columns([*names, "age"])

    assert [(error.field, error.message) for error in wrong] == [
        ("visit", "is not a field of samples; did you mean `visits`?"),
        ("age_bucket", "comes twice: as `age_bucket` and as `age`"),
        ("visits", "is required"),
    ]


def test_rows_outside_of_the_task_are_refused_in_the_declarations_words() -> None:
    rule = Outside(feature="source_id", words=("2",), reason="is somebody else's")
    schema = RequestSchema(sample_manifest().model_copy(update={"outside": (rule,)}))
    rows: list[JsonValue] = [ROW | {"source_id": given} for given in (7, 2, "2", 2.0)]

    table = check_rows(schema, rows)

    assert table.fitting.tolist() == [0]
    assert table.errors_total == 3
    assert {(e.field, e.message) for e in table.errors} == {
        ("source_id", "is somebody else's")
    }


def test_no_rows_are_a_table_without_rows() -> None:
    for table in (check_rows(SCHEMA, []), check_columns(SCHEMA, {}, rows=0)):
        assert table.fitting.tolist() == []
        assert (table.errors, table.errors_total, table.unseen) == ([], 0, {})


def test_for_words_that_may_be_meant_is_looked_in_few_rows_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[str] = []

    def search(word: str, *_: object, **__: object) -> list[str]:
        searches.append(word)
        return []

    monkeypatch.setattr("difflib.get_close_matches", search)
    rows: list[JsonValue] = [
        {f"{name}{place}": 1 for name in SCHEMA.names} for place in range(300)
    ]

    checked = check_rows(SCHEMA, rows)

    assert len(searches) <= SUGGESTED_ROWS * MAX_UNKNOWN
    assert checked.errors_total > len(checked.errors) == MAX_ERRORS


def test_errors_that_are_not_to_be_told_are_counted() -> None:
    rows: list[JsonValue] = [{"nobody": 1}] * 5

    told, counted = check_rows(SCHEMA, rows), check_rows(SCHEMA, rows, most_errors=0)

    assert counted.errors == []
    assert counted.errors_total == told.errors_total == len(told.errors)
