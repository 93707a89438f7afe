"""The form in which catalog entries are kept: what PostgreSQL's text and jsonb can hold."""

import json
from typing import TypeVar

from pydantic import BaseModel, JsonValue

M = TypeVar("M", bound=BaseModel)

NUL = "\x00"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def stored_form(entry: M) -> M:
    """The entry as every catalog answers it.

    Not-a-number and infinity become null (JSON has neither), and the NUL character,
    which can stand in a foreign table's text but not in PostgreSQL's, is replaced.
    """
    plain = json.loads(entry.model_dump_json())
    return type(entry).model_validate(without_nul(plain))


def without_nul(value: JsonValue) -> JsonValue:
    """The same JSON with every NUL character replaced, in keys too."""
    if isinstance(value, str):
        return value.replace(NUL, REPLACEMENT)
    if isinstance(value, list):
        return [without_nul(item) for item in value]
    if isinstance(value, dict):
        return {
            name.replace(NUL, REPLACEMENT): without_nul(item)
            for name, item in value.items()
        }
    return value
