"""A result as CSV, JSON and Parquet."""

import csv
import io
import json

import pytest
from pyarrow import parquet

from relevo_sql import Warehouse
from relevo_sql.writing import Form, write

SQL = """
    SELECT 'ä,"b"' AS t, 1.5 AS d, 'NaN'::DOUBLE AS nan, NULL AS nothing, [1, 2] AS list,
           MAP {'a': 1} AS map, TIMESTAMPTZ '2026-01-02 03:04:05+00' AS at,
           sum(i) AS whole, true AS yes, 'x'::BLOB AS bytes
    FROM range(20000) r(i)
"""


def written(warehouse: Warehouse, sql: str, form: Form) -> bytes:
    file = io.BytesIO()
    with warehouse.run(sql) as result:
        write(result, file, form)
    return file.getvalue()


def test_json_is_a_list_of_objects(warehouse: Warehouse) -> None:
    assert json.loads(written(warehouse, SQL, "json")) == [
        {"t": 'ä,"b"', "d": 1.5, "nan": None, "nothing": None, "list": [1, 2],
         "map": {"a": 1}, "at": "2026-01-02T03:04:05+00:00", "whole": 199990000,
         "yes": True, "bytes": "78"}
    ]  # fmt: skip
    assert json.loads(written(warehouse, "SELECT 1 WHERE false", "json")) == []


def test_csv_has_a_header_and_lists_as_json(warehouse: Warehouse) -> None:
    text = written(warehouse, SQL, "csv").decode()

    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["t"] == 'ä,"b"'
    assert row["nothing"] == ""
    assert json.loads(row["list"]) == [1, 2]
    assert row["at"] == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_all_rows_are_written_however_many(warehouse: Warehouse, form: Form) -> None:
    content = written(warehouse, "SELECT i FROM range(25000) r(i)", form)

    if form == "parquet":
        assert parquet.read_table(io.BytesIO(content)).num_rows == 25_000
    else:
        assert content.count(b"\n") == {"csv": 25_001, "json": 25_002}[form]
