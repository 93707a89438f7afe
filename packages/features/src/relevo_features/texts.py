"""Values as texts: what a value is looked up by, and how an error may show it."""

from typing import Final

from pydantic import JsonValue

MAX_TEXT: Final = 200
SHOWN: Final = 64
EXACT: Final = 2**53
"""Above it a whole number is not the same as a 64-bit float any more."""


class Unfit(ValueError):
    """The value is none that the feature takes; the message says why."""


def text_of(value: JsonValue) -> str:
    """The text by which a clean value is looked up: "true", "7" for 7 and for 7.0."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


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
