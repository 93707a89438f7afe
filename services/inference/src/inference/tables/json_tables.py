"""JSON of many rows: an array of objects, an object of columns, or a row per line.

A large array is cut where a row ends: what stands before the cut is whole exactly when it
is valid with its bracket closed, so no text within quotes misleads.
"""

import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue
from pydantic_core import from_json

from inference.tables.bodies import (
    BOM,
    ROW_BYTES,
    as_columns,
    no_rows,
    not_json,
    parse,
    unfit,
)
from inference.tables.parts import CheckNames, Columns, Part, Rows, columns_under
from inference.tables.problems import Problem, too_many_rows
from relevo_bundles.columns import Coded, Column

PART_BYTES = 2**20
MOST_TRIES = 16
MOST_ODDITIES = 10_000
"""Of arrays in columns, and of columns: counted before there are objects of them."""
ROW_END = re.compile(rb"\}\s*,(?=\s*\{)")
LINE_END = re.compile(rb"\]\s*,(?=\s*\[)")
SPACE = b" \t\r\n"


def read_json(body: bytes, *, max_rows: int, check: CheckNames) -> Iterator[Part]:
    """Rows part by part, or all columns as one part.

    Raises Problem: 400 for what is no JSON, 413 for too many rows, 422 for what are none,
    or for a first row, or columns, of which the model knows no name.
    """
    text = body.removeprefix(BOM).lstrip(SPACE)
    if text[:1] == b"{":
        yield _columns(text, max_rows=max_rows, check=check)
        return
    if text[:1] != b"[":
        raise no_rows("rows are an array, or an object of columns", parse(body))
    sent = 0
    for rows in _cut(text, ROW_END):
        if not isinstance(rows, list):
            raise no_rows("rows are an array, or an object of columns", rows)
        if not sent:
            _check_first(rows, check)
        sent += len(rows)
        if sent > max_rows:
            raise too_many_rows(max_rows)
        yield Rows(rows)


def read_lines(body: bytes, *, max_rows: int, check: CheckNames) -> Iterator[Part]:
    """A row of JSON per line (NDJSON), part by part; raises as `read_json` does."""
    text = body.removeprefix(BOM)
    begin = sent = 0
    while begin < len(text):
        end = text.find(b"\n", begin + PART_BYTES) if len(text) > begin + PART_BYTES else -1
        end = len(text) if end < 0 else end + 1
        lines = [line for line in text[begin:end].split(b"\n") if line.strip(SPACE)]
        if sent + len(lines) > max_rows:
            raise too_many_rows(max_rows)
        rows = _lines(lines, sent)
        if not sent:
            _check_first(rows, check)
        sent += len(rows)
        yield Rows(rows)
        begin = end


def read_table(
    header: Sequence[str], body: bytes, *, max_rows: int, check: CheckNames
) -> Iterator[Columns]:
    """An array of a row's values each, under a header, part by part; raises as above."""
    check(header, True)
    text = body.lstrip(SPACE)
    if text[:1] != b"[":
        raise no_rows("the data are an array of rows", parse(body))
    sent = 0
    for rows in _cut(text, LINE_END):
        if not isinstance(rows, list):
            raise no_rows("the data are an array of rows", rows)
        lines = [row for row in rows if isinstance(row, list)]
        if len(lines) != len(rows):
            raise unfit("each row is an array of values")
        sent += len(lines)
        if sent > max_rows:
            raise too_many_rows(max_rows)
        yield columns_under(header, lines)


def _check_first(rows: list[JsonValue], check: CheckNames) -> None:
    if rows and isinstance(rows[0], dict) and rows[0]:
        check(list(rows[0]), False)


def _lines(lines: list[bytes], before: int) -> list[JsonValue]:
    try:
        rows = from_json(b"[%b]" % b",".join(lines), cache_strings="all")
    except ValueError as error:
        raise _wrong_line(lines, before) from error
    if len(rows) != len(lines):
        raise _wrong_line(lines, before)
    return list(rows)


def _wrong_line(lines: list[bytes], before: int) -> Problem:
    """That the lines are not a row each, with the first that is no JSON by itself."""
    for number, line in enumerate(lines, before + 1):
        try:
            from_json(line)
        except ValueError as error:
            return not_json(f"row {number} is no line of JSON: {error}")
    return not_json("each line is to be one row of JSON")


def _cut(text: bytes, end: re.Pattern[bytes]) -> Iterator[JsonValue]:
    """The rows of an array in pieces of about PART_BYTES."""
    begin = 1
    while len(text) - begin > PART_BYTES + ROW_BYTES:
        rows, begin = _piece(text, begin, end)
        yield rows
    yield parse(text if begin == 1 else b"[" + text[begin:])


def _piece(text: bytes, begin: int, end: re.Pattern[bytes]) -> tuple[JsonValue, int]:
    """The rows of the next piece, and where the one after it begins."""
    place = begin + PART_BYTES
    error = ValueError("no row ends there")
    for _ in range(MOST_TRIES):
        found = end.search(text, place, place + ROW_BYTES)
        if found is None:
            break
        try:
            piece = b"[%b]" % text[begin : found.start() + 1]
            return from_json(piece, cache_strings="all"), found.end()
        except ValueError as wrong:
            error, place = wrong, found.start() + 1
    raise not_json(f"between byte {begin} and {place + ROW_BYTES}: {error}") from error


def _columns(text: bytes, *, max_rows: int, check: CheckNames) -> Columns:
    if text.count(b",[") + text.count(b"[[") > MOST_ODDITIES:
        raise unfit("a column is an array of values, not of arrays")
    if text.count(b'":') + text.count(b'" :') > MOST_ODDITIES:
        raise unfit("there are more columns than any model has")
    value = parse(text)
    if not isinstance(value, dict):
        raise no_rows("columns are an object", value)
    named, rows = as_columns(value, max_rows=max_rows)
    if rows:
        check(list(named), True)
    value.clear()
    columns: dict[str, Column] = {}
    while named:
        name, column = named.popitem()
        columns[name] = Coded.of(column)
    return Columns(dict(reversed(columns.items())), rows)
