"""A request's body becomes rows or columns, or a problem: too large, too slow, no JSON."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request

from inference.tables.packing import END, unpacker
from inference.tables.problems import Problem, too_many_rows

BOM = b"\xef\xbb\xbf"
CLOSE = {"connection": "close"}
"""What is left of such a body is not worth reading."""


Take = Callable[[int], None]

ROW_BYTES = 2**16
"""More than forty times a row with every field: so many may be in memory at a time."""


@dataclass(frozen=True)
class Limits:
    """What a request may be at most."""

    body_bytes: int
    body_seconds: float
    rows: int

    @property
    def of_one_row(self) -> "Limits":
        """The same, for a body that can only be one row."""
        return replace(self, body_bytes=min(self.body_bytes, ROW_BYTES), rows=1)


async def read_body(request: Request, limits: Limits, take: Take) -> bytes:
    """The whole body, unpacked, given up as soon as it is longer, or later, than it may be.

    take: makes room for so many bytes more. Raises Problem: 400 when there is none of it,
    or what is no gzip; 408 when it takes too long; 413 when it is too long; 415 when it is
    packed in another way; what `take` raises.
    """
    unpack = unpacker(request.headers.get("content-encoding", ""), limits.body_bytes)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.body_bytes:
        raise _too_long(limits)
    content = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                piece = unpack(chunk)
                take(len(piece) - len(chunk))  # the gate has counted the chunk
                content += piece
                if len(content) > limits.body_bytes:
                    raise _too_long(limits)
    except TimeoutError as error:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not come whole within {limits.body_seconds:g} s",
            headers=CLOSE,
        ) from error
    unpack(END)
    if not content.strip():
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is empty", kind="empty-body")
    return bytes(content)


def _too_long(limits: Limits) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body must have {limits.body_bytes} bytes at most",
        headers=CLOSE,
    )


def parse(body: bytes) -> JsonValue:
    """The JSON value of a body; raises Problem 400 when it is none."""
    try:
        # the same few texts again and again: half of the time for a batch; NaN is what
        # Python's own json writes for a missing value
        value: JsonValue = from_json(body.removeprefix(BOM), cache_strings="all")
    except ValueError as error:
        raise not_json(str(error)) from error
    return value


def not_json(reason: str) -> Problem:
    """What should be JSON is something else."""
    return Problem(
        HTTPStatus.BAD_REQUEST, f"the body is not JSON: {reason}", kind="not-json"
    )


def as_row(value: JsonValue) -> dict[str, JsonValue]:
    """One row; raises Problem 422 for anything but a JSON object."""
    if not isinstance(value, dict):
        raise no_rows("one row is a JSON object", value)
    return value


def as_columns(
    value: dict[str, JsonValue], *, max_rows: int
) -> tuple[dict[str, list[JsonValue]], int]:
    """Columns of one length, and that length.

    Raises Problem: 422 for a column that is no array, or not as long as the others; 413
    for too many rows.
    """
    columns: dict[str, list[JsonValue]] = {}
    rows: int | None = None
    for name, column in value.items():
        if not isinstance(column, list):
            raise unfit(f"the column {name[:64]!r} is {_named(column)}, not an array")
        rows = len(column) if rows is None else rows
        if len(column) != rows:
            raise unfit(
                f"the column {name[:64]!r} has {len(column)} values,"
                f" the ones before it {rows}"
            )
        columns[name] = column
    if (rows or 0) > max_rows:
        raise too_many_rows(max_rows)
    return columns, rows or 0


def no_rows(should: str, value: JsonValue) -> Problem:
    """What should be rows, as a sentence, is another value."""
    return unfit(f"{should}, not {_named(value)}")


def unfit(detail: str) -> Problem:
    """JSON that is no rows, nor columns; the detail says why, as a sentence."""
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="no-rows")


def _named(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case list():
            return "an array"
        case dict():
            return "an object"
    return "a number"
