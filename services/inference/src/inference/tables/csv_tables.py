"""CSV: a body becomes columns of text, answers become lines."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from inference.tables.problems import Problem, too_many_rows
from relevo_bundles import RowError
from relevo_bundles.columns import Column


@dataclass(frozen=True)
class CsvTable:
    """Columns of text, and the lines that have another number of values than the header.

    places: per row of the columns, its place in the request; the ragged ones are left out.
    """

    columns: list[tuple[str, Column]]
    places: list[int]
    ragged: list[RowError]
    rows: int


def read_csv(body: bytes, *, max_rows: int) -> CsvTable:
    """The table of a body with a header; empty lines do not count.

    Raises Problem: 400 when it is no CSV in UTF-8, 413 for too many rows.
    """
    try:
        lines = _lines(body.decode("utf-8-sig"))
        header = next(lines, [])
        rows: list[list[str]] = []
        for row in lines:
            rows.append(row)
            if len(rows) > max_rows:
                raise too_many_rows(max_rows)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"the body is not CSV in UTF-8: {error}", kind="not-csv"
        ) from error
    return _table(header, rows)


def _lines(text: str) -> Iterator[list[str]]:
    return filter(None, csv.reader(io.StringIO(text, newline=""), strict=True))


def _table(header: list[str], rows: Sequence[list[str]]) -> CsvTable:
    places: list[int] = []
    ragged: list[RowError] = []
    for place, row in enumerate(rows):
        if len(row) == len(header):
            places.append(place)
        else:
            told = f"has {len(row)} values, the header {len(header)}"
            ragged.append(RowError(place, None, told))
    fitting = [rows[place] for place in places] if ragged else rows
    columns = zip(*fitting, strict=True) if fitting else ((),) * len(header)
    return CsvTable(
        columns=list(zip(map(str.strip, header), columns, strict=True)),
        places=places,
        ragged=ragged,
        rows=len(rows),
    )


def write_csv(columns: Mapping[str, Sequence[object]]) -> bytes:
    """The columns as RFC 4180 has them; nothing is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()
