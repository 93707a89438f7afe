"""A plain copy of a table that a source of batches could not hand out as it is."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from relevo_datasets.drafting.profiling import IS_DECIMAL_COMMA, Profile
from relevo_datasets.table_files import TableFile

EXPECTED = 10
"""Of so many rows of a class that a batch should have, chance leaves some."""
SEED = 0


def unplain(file: TableFile) -> list[str]:
    """Why a source of batches does not read the file; nothing: it does."""
    if file.is_plain:
        return []
    reasons = []
    if file.delimiter != ",":
        reasons.append(f"values are parted by {file.delimiter!r}")
    if file.encoding != "utf-8":
        reasons.append(f"it is not UTF-8, and was read as {file.encoding}")
    return reasons or [f"its name ends in {file.path.suffix or 'nothing'!r}, not in .csv"]


def with_decimal_commas(profiles: Sequence[Profile]) -> list[str]:
    """The columns that are numbers once their commas are points."""
    return [
        each.name
        for each in profiles
        if each.commas and each.number_count + each.commas == each.present
    ]


def lacking_class(classes: pa.ChunkedArray, batch_rows: int) -> str | None:
    """A class of which some batch has no row, though it should have many: it is sorted."""
    classes = pc.utf8_trim_whitespace(pc.fill_null(classes, ""))
    counts = pc.value_counts(classes).to_pylist()
    expected = batch_rows / len(classes)
    often = {c["values"] for c in counts if c["counts"] * expected >= EXPECTED}
    for start in range(0, len(classes) - batch_rows + 1, batch_rows):
        here = set(classes.slice(start, batch_rows).unique().to_pylist())
        if lacking := sorted(often - here):
            return str(lacking[0])
    return None


def write_plain(
    file: TableFile, copy: Path, *, decimals: Collection[str], is_dealt: bool
) -> None:
    """The same rows as Parquet, all text, with points in these columns; dealt: shuffled.

    Raises TableFileError, and FileExistsError rather than to overwrite.
    """
    chunks: Iterator[pa.Table] = (_with_points(c, decimals) for c in file.chunks())
    if is_dealt:
        chunks = iter([_dealt(chunks)])
    schema = pa.schema([(name, pa.string()) for name in file.names])
    with copy.open("xb") as out:
        try:
            with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
                for chunk in chunks:
                    writer.write_table(chunk)
        except BaseException:
            copy.unlink()
            raise


def _dealt(chunks: Iterator[pa.Table]) -> pa.Table:
    table = pa.concat_tables(chunks)
    return table.take(np.random.default_rng(SEED).permutation(table.num_rows))


def _with_points(table: pa.Table, decimals: Collection[str]) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in decimals:
            text = pc.utf8_trim_whitespace(table[name])
            is_number = pc.match_substring_regex(text, IS_DECIMAL_COMMA)
            points = pc.replace_substring(text, ",", ".")
            table = table.set_column(place, name, pc.if_else(is_number, points, text))
    return table
