"""Where a field of an event has to be named: as `BatchRaw.rows`."""

import ast
import json
from functools import cache
from pathlib import Path

from tests.repo.places import Place, text

EVENTS = "packages/contracts/src/relevo_contracts/events.py"


def _parts(name: str) -> tuple[str, str]:
    event, _, field = name.partition(".")
    return event, field


def _is_declared(root: Path, name: str) -> bool:
    event, field = _parts(name)
    classes = [
        n for n in ast.parse(text(root / EVENTS)).body if isinstance(n, ast.ClassDef)
    ]
    return field in {
        each.target.id
        for found in classes
        if found.name == event
        for each in found.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _is_told(root: Path, name: str) -> bool:
    event, field = _parts(name)
    return (event, field) in told(root)


@cache
def told(root: Path) -> set[tuple[str, str]]:
    """What the services fill in where they make an event: its name and the field's."""
    files = (root / "services").glob("*/src/**/*.py")
    calls = [
        node
        for file in files
        for node in ast.walk(ast.parse(text(file)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return {(call.func.id, k.arg) for call in calls for k in call.keywords if k.arg}  # type: ignore[attr-defined]


def _is_in_a_schema(root: Path, name: str) -> bool:
    event, field = _parts(name)
    schemas = map(json.loads, map(text, (root / "packages/contracts/schemas").iterdir()))
    return any(s["title"] == event and field in s["properties"] for s in schemas)


def _is_on_the_page(root: Path, name: str) -> bool:
    event, field = _parts(name)
    _, _, section = text(root / "docs/events.md").partition(f"\n## {event}\n")
    return f"\n| `{field}` |" in section.partition("\n## ")[0]


def _is_in_asyncapi(root: Path, name: str) -> bool:
    event, field = _parts(name)
    messages = json.loads(text(root / "docs/asyncapi.json"))["components"]["messages"]
    return event in messages and field in messages[event]["payload"]["properties"]


FIELD = (
    Place(EVENTS, _is_declared),
    Place("the service", _is_told),
    Place("packages/contracts/schemas/", _is_in_a_schema),
    Place("docs/events.md", _is_on_the_page),
    Place("docs/asyncapi.json", _is_in_asyncapi),
)
