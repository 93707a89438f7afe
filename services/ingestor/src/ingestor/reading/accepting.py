"""Is this a batch of that dataset, and how is it kept? Pure functions of its bytes."""

from dataclasses import dataclass
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet
from pydantic import JsonValue

from ingestor.reading.forms import Form, read_csv, read_group, read_lines, read_records
from relevo_contracts import PoisonError
from relevo_datasets import Dataset
from relevo_datasets.schema import check_raw


@dataclass(frozen=True)
class Limits:
    """How large a batch may be: bytes as sent and unpacked, and rows."""

    bytes: int
    rows: int


@dataclass(frozen=True)
class RawTable:
    """A batch that was accepted: Parquet in which all columns are text."""

    content: bytes
    rows: int


@dataclass(frozen=True)
class Written:
    """Rows that JSON wrote, as Parquet of text; sha256: of the rows themselves."""

    content: bytes
    sha256: str
    rows: int
    facts: dict[str, JsonValue]


def accept(content: bytes, form: Form, dataset: Dataset, limits: Limits) -> RawTable:
    """Check what the source sent, and give it the form in which it is kept.

    Where all columns are text already, the source's own bytes are kept: nothing is
    more deterministic. Raises PoisonError with the reason in words for what is not of
    that form, not a table of the dataset, empty or too large.
    """
    try:
        table, is_text = _read(content, form, dataset, limits)
        if _has_no_names(table, dataset):
            table, is_text = table.rename_columns(dataset.raw_columns), False
        check_raw(table, dataset, max_rows=limits.rows)
        _refuse_above(limits.bytes, _unpacked_bytes(table))
        text = table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))
        text.validate(full=True)
    except MemoryError:
        raise  # one of Arrow's is an ArrowException too
    except (pa.ArrowException, OSError) as error:
        name = "Parquet table" if form == "parquet" else "table"
        raise PoisonError(f"not a {name} that can be read: {error}") from error
    return RawTable(content if is_text else _write(text), rows=text.num_rows)


def write_rows(content: bytes, form: Form, names: tuple[str, ...]) -> Written:
    """What an API has answered, as Parquet; raises PoisonError for another form."""
    rows = read_group(content, names) if form == "group" else read_records(content)
    table = rows.table(names)
    return Written(_write(table), rows.sha256, table.num_rows, rows.facts)


def _read(
    content: bytes, form: Form, dataset: Dataset, limits: Limits
) -> tuple[pa.Table, bool]:
    """The table, and whether its bytes are kept as they came."""
    match form:
        case "parquet":
            return _read_parquet(content, limits)
        case "csv":
            return read_csv(content, dataset, max_rows=limits.rows), False
        case "lines":
            rows = read_lines(content, max_rows=limits.rows)
            return rows.table(dataset.raw_columns), False
    raise ValueError(f"{form!r} is no form of a file")


def _read_parquet(content: bytes, limits: Limits) -> tuple[pa.Table, bool]:
    """The table, its text as dictionaries, and whether all of it was stored as text.

    The footer is asked first: a few bytes of Parquet can unpack to any size.
    """
    footer = parquet.read_metadata(pa.BufferReader(content))
    if footer.num_rows > limits.rows:
        raise PoisonError(f"{footer.num_rows:,} rows, at most {limits.rows:,}")
    groups = (footer.row_group(index) for index in range(footer.num_row_groups))
    _refuse_above(limits.bytes, sum(group.total_byte_size for group in groups))
    schema = footer.schema.to_arrow_schema()
    if any(pa.types.is_nested(kind) for kind in schema.types):
        return schema.empty_table(), False  # no such table is accepted: left unread
    reader = parquet.ParquetFile(pa.BufferReader(content), read_dictionary=schema.names)
    with reader as file:
        table = file.read(use_threads=False)
    return table, all(kind in {pa.string(), pa.large_string()} for kind in schema.types)


def _has_no_names(table: pa.Table, dataset: Dataset) -> bool:
    """Whether it is of a source without a header, as many columns as should have names."""
    generated = [f"f{place}" for place in range(len(dataset.raw_columns))]
    return not dataset.source.header and table.column_names == generated


def _unpacked_bytes(table: pa.Table) -> int:
    """What the columns would take with each text written out in each row."""
    total = 0
    for chunk in (chunk for column in table.columns for chunk in column.chunks):
        if pa.types.is_dictionary(chunk.type):
            lengths = pc.take(pc.binary_length(chunk.dictionary), chunk.indices)
            total += pc.sum(lengths).as_py() or 0
        else:
            total += chunk.nbytes
    return total


def _refuse_above(limit: int, size: int) -> None:
    if size > limit:
        raise PoisonError(f"{size:,} bytes unpacked, at most {limit:,}")


def _write(table: pa.Table) -> bytes:
    file = BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()
