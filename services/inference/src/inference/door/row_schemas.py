"""What a row of a model is, as JSON Schema, out of the features in its manifest."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from inference.tables.csv_tables import write_csv
from relevo_contracts import Feature, Manifest
from relevo_features import Reader, kind_of

Schema = dict[str, Any]

COMPONENTS = "#/components/schemas/"


def row_schemas(manifest: Manifest | None) -> Mapping[str, Schema]:
    """The schemas of a row, and of many, for the features of a manifest."""
    if manifest is None:
        told = "depends on the model; none answers yet"
        row: Schema = {"type": "object", "description": told}
        example: Mapping[str, JsonValue] = {}
    else:
        example = manifest.example or manifest.golden[0].row
        row = {
            "type": "object",
            "description": f"the clean features of {manifest.dataset}",
            "properties": {each.name: value_schema(each) for each in manifest.features},
            "required": [each.name for each in manifest.features if each.required],
            "additionalProperties": False,
            "example": example,
        }
    columns = {
        **row,
        "description": "under each name as many values as there are rows",
        "properties": {
            name: {"type": "array", "items": value}
            for name, value in row.get("properties", {}).items()
        },
        "example": {name: [value] for name, value in example.items()},
    }
    rows = {
        "type": "array",
        "description": "one that does not fit is named in `errors`, and sinks no other",
        "items": {"$ref": COMPONENTS + "Row"},
        "example": [example],
    }
    return {
        "Row": row,
        "Columns": columns,
        "Rows": {"oneOf": [rows, {"$ref": COMPONENTS + "Columns"}]},
        "RowsAsCsv": {
            "type": "string",
            "description": "a header of names, then a line per row; the source's own"
            " names and words are understood too, an empty cell is null",
            "example": write_csv(
                {name: [value] for name, value in example.items()}
            ).decode(),
        },
    }


def value_schema(feature: Feature) -> Schema:
    """The values that a feature takes, as a caller best writes them."""
    kind, reader = kind_of(feature), Reader(feature)
    told = "; ".join(f"{word} {text}" for word, text in feature.meanings.items())
    schema: Schema = {
        "description": f"{feature.description}: {told}" if told else feature.description,
        "type": [kind.json_type, "null"] if reader.takes_null else kind.json_type,
        **kind.schema(feature),
    }
    if words := kind.words(feature):
        if feature.closed:
            schema["enum"] = [*words, *([None] if reader.takes_null else [])]
        else:
            schema["examples"] = list(words)
    if not feature.required:
        schema["default"] = kind.as_sent(reader.when_absent())
    return schema
