"""An error shows a value shortly, whatever a caller sent."""

import pytest
from pydantic import JsonValue

from relevo_features import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 64 + "…"),
        ([1], "an array"),
        ({}, "an object"),
        (None, "null"),
        (True, "true"),
        (2.5, "2.5"),
        (10**400, "a number of more than 15 digits"),
    ],
)
def test_a_value_is_shown_in_few_characters(value: JsonValue, text: str) -> None:
    assert shown(value) == text
