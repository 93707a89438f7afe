"""A program of its own that reads Parquet for the console, and ends.

pyarrow and numpy take more memory than all pages of the console: so they live here, for as
long as somebody waits. `python -m console.reading.tables compare` takes a bundle and then
clean tables, each after a line with its size, and writes a line of JSON for each table;
`… csv` takes one table and writes it as CSV.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from typing import IO

from pyarrow import csv, parquet
from pydantic import JsonValue

from console.reading.drift import BatchDrift, compared
from relevo_bundles.archive import MANIFEST, unpack
from relevo_bundles.manifests import read_manifest
from relevo_contracts import Manifest


def main() -> None:
    """What the first argument asks for, from standard input to standard output."""
    frames = read_frames(sys.stdin.buffer)
    out = sys.stdout.buffer
    if sys.argv[1] == "csv":
        out.write(as_csv(next(frames)))
        return
    manifest = read_manifest(unpack(next(frames))[MANIFEST])
    for table in frames:
        out.write(compare(manifest, table).model_dump_json().encode() + b"\n")
        out.flush()


def read_frames(stream: IO[bytes]) -> Iterator[bytes]:
    """Each is a line with its size, and so many bytes."""
    while size := stream.readline():
        yield stream.read(int(size))


def compare(manifest: Manifest, table: bytes) -> BatchDrift:
    """A clean table against the manifest's reference, as far as it has its features."""
    file = parquet.ParquetFile(BytesIO(table))
    names = [name for name in file.schema_arrow.names if name in manifest.reference]
    columns = {name: values_of(file, name) for name in names}
    rows = file.metadata.num_rows
    return compared(manifest.reference, manifest.features, columns, rows)


def values_of(file: parquet.ParquetFile, name: str) -> list[tuple[JsonValue, int]]:
    """The different values of a column with their rows."""
    counted = file.read([name], use_threads=False)[name].value_counts()
    return [(each["values"], each["counts"]) for each in counted.to_pylist()]


def as_csv(table: bytes) -> bytes:
    """The table with a line of names."""
    target = BytesIO()
    csv.write_csv(parquet.read_table(BytesIO(table), use_threads=False), target)
    return target.getvalue()


if __name__ == "__main__":
    main()
