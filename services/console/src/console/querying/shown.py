"""Answers as JSON for the page's script."""

import json
import math
import re
from collections.abc import Container, Iterable

from relevo_contracts import OutageError
from relevo_sql import Answer, Column, View, Warehouse, identifier, saved_examples
from relevo_sql.values import as_json

LARGEST = 2**53
"""A browser's numbers are exact up to here."""

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
RESERVED = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"


def table(answer: Answer) -> str:
    """The columns with their types, and the rows."""
    shown = {
        "columns": columns_of(answer.columns),
        "rows": [[cell(value) for value in row] for row in answer.rows],
        "truncated": answer.truncated,
        "seconds": round(answer.seconds, 3),
    }
    return json.dumps(shown, ensure_ascii=False)


def cell(value: object) -> object:
    """A value as JSON; what a browser's numbers cannot hold is a text."""
    if isinstance(value, int) and abs(value) > LARGEST:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return as_json(value)


def known(warehouse: Warehouse) -> str:
    """The saved statements, and the views by dataset; reason: why there are none now.

    insert: a name as a statement has it, in quotes where it needs them.
    """
    views: list[View] = []
    reserved: set[str] = set()
    reason = ""
    try:
        views = warehouse.tables()
        reserved = {str(word) for (word,) in warehouse.query(RESERVED).rows}
    except OutageError as error:
        reason = str(error)
    shown = {
        "examples": [{"name": each.name, "sql": each.sql} for each in saved_examples()],
        "views": [as_view(view, reserved) for view in views],
        "reason": reason,
    }
    return json.dumps(shown, ensure_ascii=False)


def as_view(view: View, reserved: Container[str]) -> dict[str, object]:
    """A view with its columns."""
    return {
        "schema": view.schema,
        "name": view.name,
        "insert": written(view.name, reserved),
        "insert_schema": written(view.schema, reserved),
        "columns": [
            {**column, "insert": written(column["name"], reserved)}
            for column in columns_of(view.columns)
        ],
    }


def written(name: str, reserved: Container[str]) -> str:
    """A name as a statement has it."""
    return name if PLAIN.fullmatch(name) and name not in reserved else identifier(name)


def columns_of(columns: Iterable[Column]) -> list[dict[str, str]]:
    """Names and types."""
    return [{"name": column.name, "type": column.type} for column in columns]
