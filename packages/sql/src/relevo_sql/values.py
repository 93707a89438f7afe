"""Arrow's values as plain Python ones: what JSON, CSV and a page can hold."""

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa


def plain_columns(batch: pa.RecordBatch) -> list[list[object]]:
    """The columns, value by value.

    Whole numbers are int, however large, and a map is a dict.
    """
    return [
        column.to_pylist()
        if is_flat(column.type)
        else [plain(value) for value in column.to_pylist(maps_as_pydicts="lossy")]
        for column in batch.columns
    ]


def is_flat(kind: pa.DataType) -> bool:
    """Numbers, texts and truths, which need no second look; most columns are these."""
    kinds = pa.types
    return bool(
        kinds.is_integer(kind)
        or kinds.is_floating(kind)
        or kinds.is_string(kind)
        or kinds.is_boolean(kind)
    )


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


def rows_of(
    batches: Iterable[pa.RecordBatch], convert: Callable[[object], object]
) -> Iterator[tuple[object, ...]]:
    """The rows of a result as they come, their values converted where they are not flat."""
    for batch in batches:
        columns = zip(batch.schema.types, plain_columns(batch), strict=True)
        yield from zip(
            *(v if is_flat(kind) else list(map(convert, v)) for kind, v in columns),
            strict=True,
        )
