"""Which changes of a JSON Schema break a reader or a writer of the version before."""

from collections.abc import Iterator
from typing import Any

SILENT = {"title", "description", "default", "examples"}
"""Keywords that tell people something and constrain no value."""

Schema = dict[str, Any]


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """What in `new` is not additive to `old`, one sentence each; empty: compatible.

    Additive is: a new field that is not required, a new definition, other words in
    descriptions. All else could fail where a newer service meets an older one.
    """
    found = list(_fields(old, new, where=str(old.get("title", "schema"))))
    definitions = new.get("$defs", {})
    for name, definition in old.get("$defs", {}).items():
        if name not in definitions:
            found.append(f"definition {name!r} is gone")
        else:
            found += _fields(definition, definitions[name], where=name)
    return found


def _fields(old: Schema, new: Schema, *, where: str) -> Iterator[str]:
    new_fields = new.get("properties", {})
    for name, field in old.get("properties", {}).items():
        if name not in new_fields:
            yield f"{where}.{name} is gone"
        elif _constraints(field) != _constraints(new_fields[name]):
            yield f"{where}.{name} takes other values than before"
    was, now = set(old.get("required", [])), set(new.get("required", []))
    yield from (f"{where}.{name} is required now" for name in sorted(now - was))
    yield from (f"{where}.{name} may be absent now" for name in sorted(was - now))
    rest = [
        {k: v for k, v in schema.items() if k not in {"properties", "required", "$defs"}}
        for schema in (old, new)
    ]
    if _constraints(rest[0]) != _constraints(rest[1]):
        yield f"{where} itself is constrained otherwise than before"


def _constraints(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {k: _constraints(v) for k, v in schema.items() if k not in SILENT}
    if isinstance(schema, list):
        return [_constraints(item) for item in schema]
    return schema
