"""A table file becomes batches: Parquet in which all is text, so many rows in each."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

UNREADABLE = (pa.ArrowException, OSError, UnicodeError)
"""What pyarrow raises for a file that is no table."""

CHUNK_ROWS = 5_000
BETWEEN_VALUES, AFTER_ROW, NULL = "\x1f", "\x1e", "\x00"


@dataclass(frozen=True)
class Piece:
    """A batch without its number; `rows` is None when it is no table that can be read.

    content: SHA-256 of what it says, the same whichever program wrote the bytes.
    """

    content: str
    path: Path
    sha256: str
    size: int
    rows: int | None


def whole(path: Path) -> Piece:
    """The file as it is."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        rows = int(parquet.read_metadata(path).num_rows)
    except UNREADABLE:
        rows = None
    return Piece(sha256, path, sha256, path.stat().st_size, rows)


def cut(table: Iterator[pa.Table], folder: Path, *, rows: int | None) -> Iterator[Piece]:
    """The table's rows in order, as Parquet files of the folder; rows None: all in one.

    What lies in the folder already is left as it is: a batch has the same bytes for
    ever. Raises one of UNREADABLE, perhaps after some pieces.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for part in _in_parts(table, rows):
        content = content_of(part)
        piece = folder / f"{content}.parquet"
        if not piece.exists():
            new = piece.with_suffix(".new")
            parquet.write_table(part, new, compression="zstd")
            new.replace(piece)
        made = whole(piece)
        yield Piece(content, piece, made.sha256, made.size, made.rows)


def read_text(path: Path, *, has_header: bool = True) -> Iterator[pa.Table]:
    """The table with every value as text, a part at a time; "" and "?" stay as they are.

    has_header: whether a CSV's first line has the names; else they are f0, f1 and so on.
    """
    is_parquet = path.suffix.lower() == ".parquet"
    chunks = _read_parquet(path) if is_parquet else _read_csv(path, has_header)
    for chunk in chunks:
        yield chunk.cast(pa.schema([(name, pa.string()) for name in chunk.column_names]))


def content_of(table: pa.Table) -> str:
    """SHA-256 of the names and of the text in each row, in hexadecimal."""
    digest = hashlib.sha256(json.dumps(table.column_names).encode())
    for chunk in table.to_batches(max_chunksize=CHUNK_ROWS):
        rows = pc.binary_join_element_wise(
            *chunk.columns,
            BETWEEN_VALUES,
            null_handling="replace",
            null_replacement=NULL,
        )
        digest.update("".join(f"{row}{AFTER_ROW}" for row in rows.to_pylist()).encode())
    return digest.hexdigest()


def _read_csv(path: Path, has_header: bool) -> Iterator[pa.Table]:
    head = csv.ReadOptions(autogenerate_column_names=not has_header)
    with csv.open_csv(path, read_options=head) as reader:
        names = reader.schema.names
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    form = csv.ParseOptions(newlines_in_values=True)
    with csv.open_csv(path, head, form, as_text) as reader:
        yield reader.schema.empty_table()
        for chunk in reader:
            yield pa.Table.from_batches([chunk])


def _read_parquet(path: Path) -> Iterator[pa.Table]:
    with parquet.ParquetFile(path) as file:
        yield file.schema_arrow.empty_table()
        for chunk in file.iter_batches(CHUNK_ROWS, use_threads=False):
            yield pa.Table.from_batches([chunk])


def _in_parts(chunks: Iterator[pa.Table], rows: int | None) -> Iterator[pa.Table]:
    """The same rows, so many at a time; a table without rows is one part."""
    held = next(chunks)
    for chunk in chunks:
        held = pa.concat_tables([held, chunk])
        while rows is not None and held.num_rows > rows:
            yield held.slice(0, rows)
            held = held.slice(rows)
    yield held
