"""Arrow's values as plain Python ones: what JSON, CSV and a page can hold."""

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa


def plain_columns(batch: pa.RecordBatch) -> list[list[object]]:
    """The columns, value by value.

    Whole numbers are int, however large, and a map is a dict.
    """
    return [[plain(v) for v in column.to_pylist(maps_as_pydicts="lossy")]
            for column in batch.columns]  # fmt: skip


def plain(value: Any) -> object:
    """A value as rows have it: Decimal becomes int or float, bytes their hex digits."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, pa.MonthDayNano):
        return f"{value.months} months {value.days} days {value.nanoseconds / 1e9:g} s"
    return value


def as_json(value: object) -> Any:
    """A value as JSON has it: neither not-a-number nor infinity, times as RFC 3339."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): as_json(item) for name, item in value.items()}
    return value if isinstance(value, (str, int, bool, type(None))) else str(plain(value))


def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[object, ...]]:
    """The rows of a result, as they come."""
    for batch in batches:
        yield from zip(*plain_columns(batch), strict=True)
