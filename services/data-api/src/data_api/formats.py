"""A batch as Parquet, CSV or JSON, always as the same bytes."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import partial

from pyarrow import parquet
from werkzeug.datastructures import MIMEAccept

from data_api.dataset import Batch

CHUNK_ROWS = 250
"""Rows in memory at a time: a batch of 300 kB of Parquet is 16 MB of JSON."""

CHUNK_BYTES = 65_536


class Format(StrEnum):
    """The media types of a batch; the first is what a client gets that asks for none."""

    PARQUET = "application/vnd.apache.parquet"
    CSV = "text/csv"
    JSON = "application/json"


def choose(accept: MIMEAccept) -> Format | None:
    """The format that the client likes best (RFC 9110, section 12.5.1); None: none."""
    if not accept:
        return Format.PARQUET
    liked = accept.best_match([format.value for format in Format])
    return Format(liked) if liked else None


def etag(batch: Batch, format: Format) -> str:
    """The strong entity tag: each format is another representation of the batch."""
    return f"{batch.sha256}-{format.name.lower()}"


def render(batch: Batch, format: Format) -> Iterable[bytes]:
    """The batch's bytes, piece by piece."""
    match format:
        case Format.PARQUET:
            return _as_it_is(batch)
        case Format.CSV:
            return _csv(batch)
        case Format.JSON:
            return _json(batch)


def _as_it_is(batch: Batch) -> Iterator[bytes]:
    with batch.path.open("rb") as file:
        yield from iter(partial(file.read, CHUNK_BYTES), b"")


def _csv(batch: Batch) -> Iterator[bytes]:
    """RFC 4180, header first, as the shipped data was published."""
    with parquet.ParquetFile(batch.path) as file:
        yield _csv_lines([file.schema_arrow.names])
        for chunk in file.iter_batches(CHUNK_ROWS, use_threads=False):
            columns = [column.to_pylist() for column in chunk.columns]
            yield _csv_lines([list(row) for row in zip(*columns, strict=True)])


def _csv_lines(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _json(batch: Batch) -> Iterator[bytes]:
    """{"batch_number": …, "rows": …, "data": [one object per row]}."""
    with parquet.ParquetFile(batch.path) as file:
        head = {"batch_number": batch.number, "rows": batch.rows}
        yield json.dumps(head)[:-1].encode() + b', "data": ['
        between = b""
        for chunk in file.iter_batches(CHUNK_ROWS, use_threads=False):
            rows = [json.dumps(row, default=str) for row in chunk.to_pylist()]
            yield between + ",\n".join(rows).encode()
            between = b",\n"
        yield b"]}\n"
