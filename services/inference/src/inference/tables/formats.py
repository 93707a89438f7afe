"""Which form a body has and which one its answer shall have: JSON, CSV or Arrow."""

from enum import StrEnum
from http import HTTPStatus

from inference.tables.problems import Problem


class Format(StrEnum):
    """The forms of many rows, by their media type."""

    JSON = "application/json"
    CSV = "text/csv"
    ARROW = "application/vnd.apache.arrow.stream"


def format_of(content_type: str, *forms: Format) -> Format:
    """The one of the forms that a Content-Type names; absent ("") it is JSON.

    Raises Problem 415 that names those that are understood.
    """
    name = content_type.partition(";")[0].strip().lower() or Format.JSON
    for form in forms:
        if name == form:
            return form
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"the body must be {_listed(forms)}, not {content_type[:80]}",
        headers={"accept": ", ".join(forms)},
    )


def preferred(accept: str) -> Format:
    """The form that an Accept likes best, JSON first among equals; absent ("") it is JSON.

    Raises Problem 406 that names those that there are.
    """
    qualities = {name: quality for name, quality in map(_range, accept.split(",")) if name}
    best = max(Format, key=lambda form: _quality(form, qualities))
    if qualities and not _quality(best, qualities):
        raise Problem(
            HTTPStatus.NOT_ACCEPTABLE,
            f"the answer can be {_listed(tuple(Format))}, not {accept[:80]}",
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
