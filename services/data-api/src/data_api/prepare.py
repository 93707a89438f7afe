"""Makes the shipped batches of a published CSV: `python -m data_api.prepare NAME CSV`.

They are in the repository, so nobody needs this program; it shows where they came from.
Another version of pyarrow may write the same rows as other bytes.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from data_api.cutting import read_text
from data_api.sources import SHIPPED

USAGE = "usage: python -m data_api.prepare NAME CSV\n"


@dataclass(frozen=True)
class Published:
    """A CSV as it was published, and how many of its rows are a batch."""

    sha256: str
    rows: int


PUBLISHED = {
    "diabetes130": Published(
        "0689e7ec031237dc63031b938805c48377748761a3b26acab621567afa24df97", 15_000
    ),
    "pima": Published(
        "27939f6c904b6c58a3ae9fe48a50cefadd42b46ce92ebad9cb4114334b28ee66", 256
    ),
    "covertype": Published(
        "81a32748323c6a33e007eec06dded6f223b4ecc36f2cb905a6bc3a798f5211d2", 2_100
    ),
}


def read_published(path: Path, *, sha256: str) -> pa.Table:
    """The CSV as it was published: every column is text, "?" and "None" stay as they are.

    Raises ValueError when the file is another one than was published.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} has SHA-256 {found}, not {sha256}")
    return pa.concat_tables(read_text(path))


def write_batches(table: pa.Table, folder: Path, *, rows: int) -> list[Path]:
    """Write batch-0001.parquet and so on in the table's order; the last may be shorter."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for start in range(0, table.num_rows, rows):
        path = folder / f"batch-{start // rows + 1:04d}.parquet"
        parquet.write_table(
            table.slice(start, rows), path, compression="zstd", compression_level=19
        )
        written.append(path)
    return written


def main(arguments: list[str]) -> int:
    """Write the batches and print their checksums as they stand in SOURCE.md."""
    match arguments:
        case [name, path] if name in PUBLISHED:
            published = PUBLISHED[name]
        case _:
            sys.stderr.write(USAGE)
            return 2
    table = read_published(Path(path), sha256=published.sha256)
    for batch in write_batches(table, SHIPPED / name, rows=published.rows):
        sha256 = hashlib.sha256(batch.read_bytes()).hexdigest()
        rows = parquet.read_metadata(batch).num_rows
        sys.stdout.write(f"| {name}/{batch.name} | {rows:,} | {sha256} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
