"""How rows may be written by a source, and the table of text that they are."""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
from pydantic import JsonValue

from relevo_contracts import PoisonError
from relevo_datasets import Dataset
from relevo_datasets.table_files import TableFileError
from relevo_datasets.table_forms import open_table

Form = Literal["parquet", "csv", "lines", "records", "group"]
"""parquet and csv: files; lines: a JSON object on each line; records: a JSON list of
objects; group: a JSON object whose `data` is a list of rows without names."""

SHOWN = 120


@dataclass(frozen=True)
class Rows:
    """Rows out of JSON: of text or nothing, by column; facts: what stood beside them."""

    columns: dict[str, list[str | None]]
    facts: dict[str, JsonValue]

    def table(self, names: tuple[str, ...]) -> pa.Table:
        """All of them, each column as text, in the order of these names.

        Keys of JSON have no order: that of the dataset makes equal rows equal.
        """
        known = [name for name in names if name in self.columns]
        order = dict.fromkeys([*known, *self.columns])
        return pa.table({name: pa.array(self.columns[name], pa.string()) for name in order})

    @property
    def sha256(self) -> str:
        """Of the rows themselves: how they were written in JSON does not count."""
        names = sorted(self.columns)
        canon = hashlib.sha256(json.dumps(names).encode())
        for row in zip(*(self.columns[name] for name in names), strict=True):
            canon.update(json.dumps(row).encode())
        return canon.hexdigest()


def read_csv(content: bytes, dataset: Dataset, *, max_rows: int) -> pa.Table:
    """The table of a CSV of any delimiter; raises PoisonError."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        try:
            table = open_table(Path(file.name), header=dataset.source.header)
            if not table.has_header:
                table = table.named(dataset.raw_columns)
            return pa.concat_tables(_few(table.chunks(), max_rows))
        except TableFileError as error:
            raise PoisonError(f"not a CSV: {error}".replace(file.name, "it")) from error


def _few(chunks: Iterable[pa.Table], max_rows: int) -> Iterator[pa.Table]:
    rows = 0
    for chunk in chunks:
        rows += chunk.num_rows
        if rows > max_rows:
            raise PoisonError(f"{rows:,} rows and more, at most {max_rows:,}")
        yield chunk


def read_lines(content: bytes, *, max_rows: int) -> Rows:
    """A JSON object on each line; raises PoisonError with the line's number."""
    lines = [line for line in content.splitlines() if line.strip()]
    if len(lines) > max_rows:
        raise PoisonError(f"{len(lines):,} rows, at most {max_rows:,}")
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(parse(line))
        except PoisonError as error:
            raise PoisonError(f"line {number}: {error}") from error
    return rows_of(records)


def read_records(content: bytes) -> Rows:
    """A JSON list of objects; raises PoisonError."""
    records = parse(content)
    if not isinstance(records, list):
        raise PoisonError(f"no list of records: {shown(content)}")
    return rows_of(records)


def read_group(content: bytes, names: tuple[str, ...]) -> Rows:
    """An object whose `data` is a list of rows, named by position; raises PoisonError."""
    facts = parse(content)
    if not isinstance(facts, dict) or not isinstance(facts.get("data"), list):
        raise PoisonError(f"no object with rows as `data`: {shown(content)}")
    rows: list[JsonValue] = facts.pop("data")  # type: ignore[assignment]
    named: list[JsonValue] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(names):
            found = f"{len(row)} values" if isinstance(row, list) else "no list"
            raise PoisonError(f"row {number} has {found}, not {len(names)}")
        named.append(dict(zip(names, row, strict=True)))
    read = rows_of(named)
    return Rows(read.columns or {name: [] for name in names}, facts)


def rows_of(records: list[JsonValue]) -> Rows:
    """The records as columns; what a record leaves out is missing there."""
    columns: dict[str, list[str | None]] = {}
    for number, record in enumerate(records):
        if not isinstance(record, dict):
            raise PoisonError(f"row {number + 1} is no object: {str(record)[:SHOWN]}")
        for name, value in record.items():
            column = columns.setdefault(name, [None] * number)
            column.append(_text(value, name, number + 1))
        for column in columns.values():
            if len(column) == number:
                column.append(None)
    return Rows(columns, {})


def parse(content: bytes) -> JsonValue:
    """JSON whose numbers are texts, as they were written; raises PoisonError."""
    try:
        found: JsonValue = json.loads(
            content, parse_int=str, parse_float=str, parse_constant=str
        )
    except (ValueError, RecursionError) as error:
        raise PoisonError(f"not JSON ({error}): {shown(content)}") from error
    return found


def shown(content: bytes) -> str:
    """The beginning, for a person."""
    text = " ".join(content[: 4 * SHOWN].decode(errors="replace").split())
    return text[:SHOWN] + " …" * (len(text) > SHOWN)


def _text(value: JsonValue, name: str, row: int) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value
    raise PoisonError(f"row {row}: {name!r} is {type(value).__name__}, not a single value")
