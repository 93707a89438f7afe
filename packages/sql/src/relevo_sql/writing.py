"""A result of any length as CSV, JSON or Parquet, written as it comes."""

import csv
import io
import json
from typing import BinaryIO, Literal

from pyarrow import parquet

from relevo_sql.values import as_json, rows_of
from relevo_sql.warehouse import Result

Form = Literal["csv", "json", "parquet"]


def write(result: Result, file: BinaryIO, form: Form) -> int:
    """All rows into the file; answers how many.

    csv: with a header, lists and maps as JSON, nothing for NULL. json: a list of objects,
    one on each line. parquet: with DuckDB's types.
    """
    if form == "parquet":
        return _write_parquet(result, file)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        return (_write_csv if form == "csv" else _write_json)(result, text)
    finally:
        text.detach()


def _write_parquet(result: Result, file: BinaryIO) -> int:
    count = 0
    with parquet.ParquetWriter(file, result.schema, compression="zstd") as writer:
        for batch in result.batches:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _write_csv(result: Result, text: io.TextIOWrapper) -> int:
    writer, count = csv.writer(text, lineterminator="\n"), 0
    writer.writerow([column.name for column in result.columns])
    for row in rows_of(result.batches, in_csv):
        writer.writerow(row)
        count += 1
    return count


def in_csv(value: object) -> object:
    """A cell of a CSV, of a value that is neither number nor text."""
    plain = as_json(value)
    if isinstance(plain, (list, dict)):
        return json.dumps(plain, ensure_ascii=False)
    return plain


def _write_json(result: Result, text: io.TextIOWrapper) -> int:
    names, count = [column.name for column in result.columns], 0
    text.write("[")
    for row in rows_of(result.batches, as_json):
        entry = dict(zip(names, map(finite, row), strict=True))
        text.write(",\n" if count else "\n")
        text.write(json.dumps(entry, ensure_ascii=False))
        count += 1
    text.write("\n]\n")
    return count


def finite(value: object) -> object:
    """JSON has neither not-a-number nor infinity."""
    return as_json(value) if isinstance(value, float) else value
