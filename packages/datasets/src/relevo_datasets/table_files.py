"""A person's table file, CSV of any kind or Parquet, as a stream of tables of text."""

import csv as text_csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import csv, parquet

CHUNK_ROWS = 10_000


class TableFileError(ValueError):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True)
class TableFile:
    """A file that holds one table, and how it is written.

    names: of the columns; without a header they are column_1 and so on.
    """

    path: Path
    names: tuple[str, ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    has_header: bool = True

    @property
    def is_parquet(self) -> bool:
        """Whether it is Parquet, which says everything itself."""
        return self.path.suffix.lower() == ".parquet"

    @property
    def is_plain(self) -> bool:
        """Whether a source of batches reads it as it is."""
        usual = self.delimiter == "," and self.encoding == "utf-8"
        return self.is_parquet or (usual and self.path.suffix.lower() == ".csv")

    def named(self, names: tuple[str, ...]) -> "TableFile":
        """The same file with other names, by position; raises TableFileError."""
        if len(names) != len(self.names):
            raise TableFileError(
                f"{self.path} has {len(self.names)} columns, not {len(names)}: without a"
                " header they are taken by position"
            )
        return TableFile(self.path, names, self.delimiter, self.encoding, self.has_header)

    def chunks(self) -> Iterator[pa.Table]:
        """The rows in order, all columns as text; raises TableFileError."""
        try:
            yield from self._parquet() if self.is_parquet else self._csv()
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise TableFileError(f"{self.path}: {error}") from error

    def lines(self, rows: Iterable[int]) -> dict[int, int]:
        """On which line of the file each of these rows, from 0, begins; none in Parquet."""
        wanted = set(rows)
        if self.is_parquet or not wanted:
            return {}
        found = {}
        with self.path.open(encoding=self.encoding, newline="") as file:
            for row, line, _ in islice(self._records(file), max(wanted) + 1):
                if row in wanted:
                    found[row] = line
        return found

    def _csv(self) -> Iterator[pa.Table]:
        uneven: list[csv.InvalidRow] = []

        def note(row: csv.InvalidRow) -> str:
            uneven.append(row)
            return "skip"

        names = None if self.has_header else self.names
        as_text = csv.ConvertOptions(
            column_types=dict.fromkeys(self.names, pa.string()), strings_can_be_null=False
        )
        with csv.open_csv(
            self.path,
            csv.ReadOptions(use_threads=False, encoding=self.encoding, column_names=names),
            csv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=True,
                invalid_row_handler=note,
            ),
            as_text,
        ) as reader:
            for batch in reader:
                yield pa.Table.from_batches([batch]).rename_columns(list(self.names))
        if uneven:
            raise TableFileError(self._unevenness())

    def _parquet(self) -> Iterator[pa.Table]:
        as_text = pa.schema([(name, pa.string()) for name in self.names])
        with parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(CHUNK_ROWS):
                table = pa.Table.from_batches([batch]).rename_columns(list(self.names))
                yield table.cast(as_text)

    def _records(self, file: Iterable[str]) -> Iterator[tuple[int, int, list[str]]]:
        """Row, line and values of each record below the header."""
        reader = text_csv.reader(file, delimiter=self.delimiter)
        row, line = -1 if self.has_header else 0, 1
        for record in reader:
            if record:
                if row >= 0:
                    yield row, line, record
                row += 1
            line = reader.line_num + 1

    def _unevenness(self) -> str:
        width = len(self.names)
        with self.path.open(encoding=self.encoding, newline="") as file:
            uneven = ((n, len(r)) for _, n, r in self._records(file) if len(r) != width)
            told = [f"line {line} has {found}" for line, found in islice(uneven, 3)]
        return (
            f"{self.path}: every row must have {width} values, but {', '.join(told)}: is a"
            f" value with {self.delimiter!r} in it without quotes?"
        )
