"""Parquet: a file becomes columns, part by part.

What a few bytes could unpack to is bounded by what may pack them: snappy, pandas' choice,
makes of a byte 22 at most.
"""

import io
from collections.abc import Iterator
from http import HTTPStatus

from inference.tables.arrow_tables import check_types, tables_to_parts
from inference.tables.parts import CheckNames, Columns
from inference.tables.problems import Problem, too_many_rows

MOST_FOOTER_BYTES = 2**20
CODECS = {"UNCOMPRESSED", "SNAPPY"}
MOST_UNPACKED = 8
"""So many times the largest body may the columns have, unpacked."""


def read_parquet(
    body: bytes, *, max_rows: int, max_bytes: int, check: CheckNames
) -> Iterator[Columns]:
    """The columns of a file.

    Raises Problem: 400 when it is none, 413 for too many rows or bytes, 415 for another
    compression than snappy, 422 for other columns than the model takes.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if int.from_bytes(body[-8:-4], "little") > min(MOST_FOOTER_BYTES, len(body)):
        raise _no_parquet("its footer is too long")
    try:
        with parquet.ParquetFile(io.BytesIO(body)) as file:
            schema, facts = file.schema_arrow, file.metadata
            check(schema.names, True)
            check_types(schema)
            if facts.num_rows > max_rows:
                raise too_many_rows(max_rows)
            _bound(facts, max_bytes * MOST_UNPACKED)
            names = [each.name for each in schema if pa.types.is_string(each.type)]
        # words stay what they are in the file: codes, and each different one once
        file = parquet.ParquetFile(io.BytesIO(body), read_dictionary=names)
        table = file.read(use_threads=False)
        if table.num_rows > max_rows:
            raise too_many_rows(max_rows)
        yield from tables_to_parts(table)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _no_parquet(str(error)[:200]) from error


def _bound(facts: object, most: int) -> None:
    total = 0
    for group in range(facts.num_row_groups):  # type: ignore[attr-defined]
        row_group = facts.row_group(group)  # type: ignore[attr-defined]
        for number in range(row_group.num_columns):
            column = row_group.column(number)
            total += column.total_uncompressed_size
            if column.compression not in CODECS:
                raise Problem(
                    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                    f"the Parquet file is compressed by {column.compression}; write it"
                    " with snappy, or without",
                )
    if total > most:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the columns must have {most} bytes at most, unpacked",
        )


def _no_parquet(reason: str) -> Problem:
    return Problem(
        HTTPStatus.BAD_REQUEST, f"the body is no Parquet file: {reason}", kind="not-parquet"
    )
