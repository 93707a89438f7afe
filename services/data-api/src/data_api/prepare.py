"""Makes the shipped batches of the published CSV: `python -m data_api.prepare CSV`.

They are in the repository, so nobody needs this program; it shows where they came from.
Another version of pyarrow may write the same rows as other bytes.
"""

import hashlib
import sys
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

PUBLISHED_SHA256 = "0689e7ec031237dc63031b938805c48377748761a3b26acab621567afa24df97"
BATCH_ROWS = 15_000
FOLDER = Path(__file__).parent / "data"


def read_published(path: Path, *, sha256: str = PUBLISHED_SHA256) -> pa.Table:
    """The CSV as it was published: every column is text, "?" and "None" stay as they are.

    Raises ValueError when the file is another one than was published.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise ValueError(f"{path} has SHA-256 {found}, not {sha256}")
    with csv.open_csv(path) as reader:
        names = reader.schema.names
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
    )
    return csv.read_csv(path, convert_options=as_text)


def write_batches(table: pa.Table, folder: Path, *, rows: int = BATCH_ROWS) -> list[Path]:
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
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m data_api.prepare CSV\n")
        return 2
    for path in write_batches(read_published(Path(arguments[0])), FOLDER):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows = parquet.read_metadata(path).num_rows
        sys.stdout.write(f"| {path.name} | {rows:,} | {sha256} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
