"""CSV: a body becomes columns of text part by part, answers become lines."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import islice

from inference.tables.csv_words import about_header
from inference.tables.parts import PART_ROWS, CheckNames, Columns, columns_under
from inference.tables.problems import Problem, too_many_rows

MOST_VALUES = 10_000
"""Of a line."""


def read_csv(body: bytes, *, max_rows: int, check: CheckNames) -> Iterator[Columns]:
    """The table of a body with a header, part by part; empty lines do not count.

    Raises Problem: 400 when it is no CSV in UTF-8, 413 for too many rows or values in a
    line, 422 for a header of other names.
    """
    try:
        lines = _lines(body)
        header = [*map(str.strip, next(lines, []))]
        try:
            check(header, True)
        except Problem as problem:
            raise about_header(header, problem) from problem
        sent = 0
        while rows := list(islice(lines, PART_ROWS)):
            sent += len(rows)
            if sent > max_rows:
                raise too_many_rows(max_rows)
            yield columns_under(header, rows)
        if not sent:
            yield columns_under(header, [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"the body is not CSV in UTF-8: {error}", kind="not-csv"
        ) from error


def _lines(body: bytes) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(body), "utf-8-sig", newline="")
    return filter(None, csv.reader(_bounded(text), strict=True))


def _bounded(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.count(",") > MOST_VALUES:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"a line must have {MOST_VALUES} values at most",
            )
        yield line


def write_csv(columns: Mapping[str, Sequence[object]]) -> bytes:
    """The columns as RFC 4180 has them; nothing is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()
