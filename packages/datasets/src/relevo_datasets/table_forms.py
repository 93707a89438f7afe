"""How a table file is written, found out by a look at it."""

import codecs
import csv
from collections import Counter
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from relevo_datasets.table_files import TableFile, TableFileError
from relevo_features.kinds import NUMBER

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 200
"""So many lines say how a file is written."""


def open_table(path: Path, *, header: bool | None = None) -> TableFile:
    """The file and how it is written; header None: its first line must look like one.

    Raises TableFileError for what is no table.
    """
    if not path.is_file():
        raise TableFileError(f"{path}: no such file")
    if path.suffix.lower() == ".parquet":
        return _checked(TableFile(path, _parquet_names(path)))
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice((line for line in file if line.strip()), LOOKED_AT))
    if not lines:
        raise TableFileError(f"{path}: is empty")
    delimiter = _delimiter(lines)
    first = next(csv.reader(lines, delimiter=delimiter))
    if header is None and (numbers := [each for each in first if is_number(each)]):
        raise TableFileError(
            f"{path}: the first line looks like data ({', '.join(numbers[:3])} …): has the"
            " file no header? --no-header says so; --header says that it is one"
        )
    names = first if header is not False else [f"column_{n + 1}" for n in range(len(first))]
    # the byte order mark is no part of the first name, and a reader of CSV drops it too
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    return _checked(TableFile(path, tuple(names), delimiter, encoding, header is not False))


def is_number(text: str) -> bool:
    """True for what is written as a number."""
    return NUMBER.fullmatch(text.strip()) is not None


def _checked(file: TableFile) -> TableFile:
    twice = [name for name, times in Counter(file.names).items() if times > 1]
    if twice:
        raise TableFileError(f"{file.path}: two columns are named {twice[0]!r}: rename one")
    return file


def _parquet_names(path: Path) -> tuple[str, ...]:
    try:
        return tuple(parquet.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise TableFileError(f"{path}: is no Parquet: {error}") from error


def _encoding(path: Path) -> str:
    """UTF-8, or else what Windows in the West writes; raises TableFileError for no text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding = "utf-8"
    with path.open("rb") as file:
        if file.read(3) == codecs.BOM_UTF8:
            encoding = "utf-8-sig"
        file.seek(0)
        while block := file.read(1 << 20):
            if b"\0" in block:
                raise TableFileError(
                    f"{path}: is no text: save it as CSV, UTF-8 (an Excel or a packed file"
                    " is not read)"
                )
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return "cp1252"
    return encoding


def _delimiter(lines: list[str]) -> str:
    """The one that parts most lines into equally many values; a comma where none does."""

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = Counter(map(len, csv.reader(lines, delimiter=delimiter)))
        width, times = widths.most_common(1)[0]
        return (times, width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)
