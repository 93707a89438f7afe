"""Only additive changes pass, and the committed schemas are those of the code."""

from copy import deepcopy
from typing import Any

import pytest

from relevo_contracts.compatibility import breaking_changes
from relevo_contracts.events import BatchRaw
from relevo_contracts.schemas import problems

SCHEMA = BatchRaw.model_json_schema()


def changed(change: str) -> dict[str, Any]:
    schema = deepcopy(SCHEMA)
    match change:
        case "a field is gone":
            del schema["properties"]["rows"]
        case "a field has another type":
            schema["properties"]["rows"]["type"] = "string"
        case "a new field is required":
            schema["properties"]["new"] = {"type": "string"}
            schema["required"].append("new")
        case "a field may be absent":
            schema["required"].remove("rows")
        case "a field of a nested object is gone":
            del schema["$defs"]["ObjectRef"]["properties"]["size"]
        case "unknown fields are refused":
            schema["additionalProperties"] = False
    return schema


@pytest.mark.parametrize(
    "change",
    [
        "a field is gone",
        "a field has another type",
        "a new field is required",
        "a field may be absent",
        "a field of a nested object is gone",
        "unknown fields are refused",
    ],
)
def test_a_change_that_could_fail_between_versions_is_named(change: str) -> None:
    assert breaking_changes(SCHEMA, changed(change)) != []


def test_a_new_optional_field_and_other_words_are_additive() -> None:
    schema = deepcopy(SCHEMA)
    schema["properties"]["new"] = {"type": "string", "default": ""}
    schema["properties"]["rows"]["description"] = "said better"

    assert breaking_changes(SCHEMA, schema) == []


def test_the_committed_schemas_are_those_of_the_code() -> None:
    assert problems() == []
