"""A request's body becomes rows, or a problem: too large, another type, no JSON."""

from http import HTTPStatus

from pydantic import JsonValue
from pydantic_core import from_json
from starlette.requests import Request

from inference.problems import Problem


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """The whole body, given up as soon as it is longer than it may be.

    Raises Problem: 413 when it is too long, 415 when it says that it is no JSON.
    """
    media_type = request.headers.get("content-type", "application/json")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body must be application/json, not {media_type[:80]}",
        )
    content = bytearray()
    declared = request.headers.get("content-length", "")
    too_long = declared.isdecimal() and int(declared[:20]) > max_bytes
    if not too_long:
        async for chunk in request.stream():
            content += chunk
            if too_long := len(content) > max_bytes:
                break
    if too_long:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body must have {max_bytes} bytes at most",
            headers={"connection": "close"},
        )
    return bytes(content)


def parse(body: bytes) -> JsonValue:
    """The JSON value of a body; raises Problem 400 when it is none."""
    try:
        value: JsonValue = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise Problem(
            HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}", kind="not-json"
        ) from error
    return value


def as_row(value: JsonValue) -> dict[str, JsonValue]:
    """One row; raises Problem 422 for anything but a JSON object."""
    if not isinstance(value, dict):
        raise _no_rows(f"one row is a JSON object, not {_named(value)}")
    return value


def as_rows(value: JsonValue, *, max_rows: int) -> list[JsonValue]:
    """The rows of an array of rows, or of an object of columns of one length.

    Raises Problem: 422 for another shape, 413 for too many rows.
    """
    rows = _from_columns(value) if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise _no_rows(f"rows are an array, or an object of columns, not {_named(value)}")
    if len(rows) > max_rows:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"a batch must have {max_rows} rows at most, not {len(rows)}",
        )
    return rows


def _from_columns(columns: dict[str, JsonValue]) -> list[JsonValue]:
    lists: list[list[JsonValue]] = []
    for name, column in columns.items():
        if not isinstance(column, list):
            raise _no_rows(f"the column {name[:64]!r} is {_named(column)}, not an array")
        if len(column) != len(lists[0] if lists else column):
            raise _no_rows(
                f"the column {name[:64]!r} has {len(column)} values,"
                f" the ones before it {len(lists[0])}"
            )
        lists.append(column)
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]


def _no_rows(detail: str) -> Problem:
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
