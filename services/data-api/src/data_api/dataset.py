"""The batches of a folder, in the order of their file names."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet


@dataclass(frozen=True)
class Batch:
    """One Parquet file; `rows` is None when the file is no Parquet that can be read."""

    number: int
    path: Path
    sha256: str
    size: int
    rows: int | None


def read_batches(folder: Path) -> tuple[Batch, ...]:
    """All batches of the folder, numbered from 1.

    What is wrong inside a file is the taker's to find out: the world hands out bad
    batches too. Raises FileNotFoundError when the folder holds no batch.
    """
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise FileNotFoundError(f"no *.parquet in {str(folder)!r}")
    return tuple(_read(number, path) for number, path in enumerate(paths, start=1))


def _read(number: int, path: Path) -> Batch:
    content = path.read_bytes()
    try:
        rows = int(parquet.read_metadata(pa.BufferReader(content)).num_rows)
    except (pa.ArrowException, OSError):
        rows = None
    sha256 = hashlib.sha256(content).hexdigest()
    return Batch(number=number, path=path, sha256=sha256, size=len(content), rows=rows)
