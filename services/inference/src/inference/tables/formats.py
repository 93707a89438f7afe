"""Which form a body has, and which one its answer shall have."""

from enum import StrEnum
from http import HTTPStatus

from inference.tables.problems import Problem


class Format(StrEnum):
    """The forms of many rows, by their media type."""

    JSON = "application/json"
    CSV = "text/csv"
    ARROW = "application/vnd.apache.arrow.stream"
    LINES = "application/x-ndjson"
    PARQUET = "application/vnd.apache.parquet"


ANSWERS = (Format.JSON, Format.CSV, Format.ARROW)
MULTIPART = "multipart/form-data"
FORM = "application/x-www-form-urlencoded"
ALIASES = {
    "application/ndjson": Format.LINES,
    "application/jsonl": Format.LINES,
    "application/jsonlines": Format.LINES,
    "application/x-jsonlines": Format.LINES,
    "application/x-parquet": Format.PARQUET,
    "application/csv": Format.CSV,
}
SUFFIXES = {
    "json": Format.JSON,
    "csv": Format.CSV,
    "arrow": Format.ARROW,
    "arrows": Format.ARROW,
    "ndjson": Format.LINES,
    "jsonl": Format.LINES,
    "parquet": Format.PARQUET,
}
"""Of files, whose media type their sender may not know."""


def format_of(content_type: str, *forms: Format) -> Format:
    """The one of the forms that a Content-Type names; absent ("") it is JSON.

    Raises Problem 415 that names those that are understood.
    """
    name = media_type(content_type) or Format.JSON
    form = ALIASES.get(name, name)
    if form in forms:
        return Format(form)
    told = f"the body must be {_listed(forms)}, not {content_type[:80]}"
    if name == FORM:
        told += "; curl -d says so unless told: add -H 'content-type: application/json'"
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told, headers={"accept": ", ".join(forms)}
    )


def format_of_file(name: str, content_type: str) -> Format:
    """The form of an uploaded file, by its type or else by its name.

    Raises Problem 415 for one that neither tells.
    """
    told = media_type(content_type)
    if told in {*Format, *ALIASES}:
        return Format(ALIASES.get(told, told))
    suffix = name.rpartition(".")[2].lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"the file must be {_listed(tuple(Format))}, or its name must end in one of"
        f" .{', .'.join(SUFFIXES)}: it is {name[:80]!r} of type {content_type[:80]!r}",
    )


def media_type(content_type: str) -> str:
    """A Content-Type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def preferred(accept: str) -> Format:
    """The form that an Accept likes best, JSON first among equals; absent ("") it is JSON.

    Raises Problem 406 that names those that there are.
    """
    qualities = {name: quality for name, quality in map(_range, accept.split(",")) if name}
    best = max(ANSWERS, key=lambda form: _quality(form, qualities))
    if qualities and not _quality(best, qualities):
        raise Problem(
            HTTPStatus.NOT_ACCEPTABLE,
            f"the answer can be {_listed(ANSWERS)}, not {accept[:80]}",
        )
    return best


def _range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0


def _quality(form: Format, qualities: dict[str, float]) -> float:
    """By the range that fits most closely (RFC 9110, 12.5.1)."""
    for name in (form.value, f"{form.partition('/')[0]}/*", "*/*"):
        if name in qualities:
            return qualities[name]
    return 0.0


def _listed(forms: tuple[Format, ...]) -> str:
    *others, last = forms
    return f"{', '.join(others)} or {last}" if others else last.value
