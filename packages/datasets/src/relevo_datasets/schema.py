"""Is this a raw table of that dataset? Asked before anything is made of it."""

from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from relevo_contracts import PoisonError
from relevo_datasets.dataset import Dataset

NAMES_SHOWN = 10


def check_raw(table: pa.Table, dataset: Dataset, *, max_rows: int) -> None:
    """Let a table pass that has the dataset's raw columns, in any order, and rows.

    Raises PoisonError, with the reason in words, for missing, unknown and repeated
    columns, for columns of lists or of records, for no rows and for too many.
    """
    names = Counter(table.column_names)
    wanted = dataset.raw_columns
    nested = [f.name for f in table.schema if pa.types.is_nested(f.type)]
    faults = [
        _named("missing", (name for name in wanted if name not in names)),
        _named("unknown", (name for name in names if name not in wanted)),
        _named("repeated", (name for name, times in names.items() if times > 1)),
        _named("nested", nested),
    ]
    if any(faults):
        text = "; ".join(filter(None, faults))
        raise PoisonError(f"not a table of {dataset.name}: {text}")
    if table.num_rows == 0:
        raise PoisonError("the table has no rows")
    if table.num_rows > max_rows:
        raise PoisonError(f"{table.num_rows:,} rows, at most {max_rows:,}")


def _named(kind: str, names: Iterable[str]) -> str:
    """The columns in words, or "" when there are none; a long list is cut."""
    found = list(names)
    if not found:
        return ""
    shown = ", ".join(repr(name) for name in found[:NAMES_SHOWN])
    more = f" and {len(found) - NAMES_SHOWN} more" if len(found) > NAMES_SHOWN else ""
    return f"{kind} column{'s' if len(found) > 1 else ''} {shown}{more}"
