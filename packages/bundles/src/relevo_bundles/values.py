"""Which values a feature takes: one checker per feature, compiled once."""

import math
import re
from collections.abc import Callable
from typing import Final

from pydantic import JsonValue

from relevo_contracts import Feature

Check = Callable[[JsonValue], JsonValue]
"""The clean value of a value that fits; raises Unfit."""

MAX_TEXT: Final = 200
SHOWN: Final = 64
EXACT: Final = 2**53
"""Above it a whole number is not the same as a 64-bit float any more."""


class Unfit(ValueError):
    """The value is none that the feature takes; the message says why."""


def checker(feature: Feature) -> Check:
    """What checks, and cleans, the values of the feature that are not null."""
    match feature.kind:
        case "integer" | "identifier":
            return _number(feature, whole=True)
        case "number":
            return _number(feature, whole=False)
        case "boolean":
            return _boolean
        case "category":
            return _text(None)
        case "code":
            return _text(feature.pattern)


def allowed(feature: Feature) -> str:
    """What the feature takes, in words."""
    low, high = feature.minimum, feature.maximum
    match feature.kind:
        case "boolean":
            words = "true or false"
        case "category" if feature.categories:
            words = f"text: {_listed(feature.categories)}"
        case "identifier" if feature.categories:
            words = f"a whole number: {_listed(feature.categories)}"
        case "code" if feature.pattern:
            words = f"text of the form {feature.pattern}"
        case "category" | "code":
            words = "text"
        case kind:
            words = "a number" if kind == "number" else "a whole number"
            if low is not None and high is not None:
                words += f" from {low:g} to {high:g}"
            elif low is not None:
                words += f", {low:g} or more"
            elif high is not None:
                words += f", {high:g} or less"
    return f"{words}, or null" if feature.nullable else words


def shown(value: JsonValue) -> str:
    """The value as an error may show it: short, whatever a caller sent."""
    if isinstance(value, str):
        return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) > EXACT:
        return "a number of more than 15 digits"
    return str(value)


def _number(feature: Feature, *, whole: bool) -> Check:
    low = -EXACT if feature.minimum is None else feature.minimum
    high = EXACT if feature.maximum is None else feature.maximum

    def check(value: JsonValue) -> JsonValue:
        kind = type(value)
        if kind is float and math.isfinite(value) and whole and value.is_integer():  # type: ignore[arg-type,union-attr]
            value, kind = int(value), int  # type: ignore[arg-type]
        if kind is not int and (whole or kind is not float):
            raise Unfit("is not a whole number" if whole else "is not a number")
        # not-a-number is not between any two numbers
        if not low <= value <= high:  # type: ignore[operator]
            raise Unfit("is out of range")
        return value

    return check


def _boolean(value: JsonValue) -> JsonValue:
    if value is not True and value is not False:
        raise Unfit("is not true or false")
    return value


def _text(pattern: str | None) -> Check:
    fits = re.compile(pattern).fullmatch if pattern else None

    def check(value: JsonValue) -> JsonValue:
        if not isinstance(value, str):
            raise Unfit("is not text")
        if len(value) > MAX_TEXT:
            raise Unfit(f"is longer than {MAX_TEXT} characters")
        if fits is not None and fits(value) is None:
            raise Unfit("has another form")
        return value

    return check


def _listed(words: tuple[str, ...], *, most: int = 20) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
