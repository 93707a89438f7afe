"""Is this a raw table of that dataset? Asked before anything is made of it."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pyarrow as pa
from pyarrow import parquet

from relevo_contracts import PoisonError
from relevo_datasets.dataset import Dataset

NAMES_SHOWN = 10


def read_raw(content: bytes, dataset: Dataset, *, max_rows: int) -> pa.Table:
    """The raw table that these bytes of Parquet are.

    Raises PoisonError for what is not Parquet and for all that `check_raw` refuses; a
    file that tells of too many rows is not unpacked.
    """
    with _poison_when_damaged("not a table in Parquet"):
        file = parquet.ParquetFile(BytesIO(content))
        _check_size(file.metadata.num_rows, max_rows)
        table = file.read()
    check_raw(table, dataset, max_rows=max_rows)
    return table


def check_raw(table: pa.Table, dataset: Dataset, *, max_rows: int) -> None:
    """Let a table pass that has the dataset's raw columns, in any order, and rows.

    Raises PoisonError, with the reason in words, for missing, unknown and repeated
    columns, for columns of lists or of records, for text that is not UTF-8 (readers of
    Parquet do not look), for no rows and for too many.
    """
    with _poison_when_damaged("the table is damaged"):
        names = Counter(table.column_names)
        nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
        table.validate(full=True)
    wanted = dataset.raw_columns
    missing = [name for name in wanted if name not in names]
    unknown = [name for name in names if name not in wanted]
    faults = [
        _named("missing", missing),
        _named("unknown", unknown) + _meant(unknown, missing),
        _named("repeated", (name for name, times in names.items() if times > 1)),
        _named("nested", nested),
    ]
    if any(faults):
        text = "; ".join(filter(None, faults))
        raise PoisonError(f"not a table of {dataset.name}: {text}")
    _check_size(table.num_rows, max_rows)


def _meant(unknown: list[str], missing: list[str]) -> str:
    """The missing columns that some of the unknown ones may be, or ""."""
    lower = {name.casefold(): name for name in missing}
    near = {
        name: difflib.get_close_matches(name[:64].casefold(), lower, n=1)
        for name in unknown[:NAMES_SHOWN]
    }
    told = [f"{name!r} for {lower[found[0]]!r}" for name, found in near.items() if found]
    return f", perhaps {', '.join(told)}" if told else ""


def _check_size(rows: int, max_rows: int) -> None:
    if rows == 0:
        raise PoisonError("the table has no rows")
    if rows > max_rows:
        raise PoisonError(f"{rows:,} rows, at most {max_rows:,}")


@contextmanager
def _poison_when_damaged(what: str) -> Iterator[None]:
    """pyarrow tells of damage by errors of its own, by OSError and by UnicodeError."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise PoisonError(f"{what}: {error}") from error


def _named(kind: str, names: Iterable[str]) -> str:
    """The columns in words, or "" when there are none; a long list is cut."""
    found = list(names)
    if not found:
        return ""
    shown = ", ".join(repr(name) for name in found[:NAMES_SHOWN])
    more = f" and {len(found) - NAMES_SHOWN} more" if len(found) > NAMES_SHOWN else ""
    return f"{kind} column{'s' if len(found) > 1 else ''} {shown}{more}"
