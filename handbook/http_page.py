"""docs/http.md: every route of a pod, from the OpenAPI document that it answers with."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from handbook.tables import table
from inference.app import build_app
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.settings import Settings
from relevo_runtime.http.readiness import Readiness

PREFACE = """<!-- Made by `make generate` from services/inference; do not edit. -->

# HTTP

What a pod of inference answers. A running one shows the same under `/docs`, with the rows
that its models take and a form to try them, and as OpenAPI under `/openapi.json`. What is
wrong is told as [problem details](#problemdetails) (RFC 9457).
"""
ROWS = ("Row", "Rows", "RowsAsCsv")
"""A model's own: a pod shows them."""


def http_page() -> str:
    """The page as text."""
    page = openapi()
    routes = [
        _route(method.upper(), path, operation)
        for path, operations in page["paths"].items()
        for method, operation in operations.items()
    ]
    bodies = [
        _body(name, schema)
        for name, schema in sorted(page["components"]["schemas"].items())
        if name not in ROWS and "properties" in schema
    ]
    return "\n".join([PREFACE, *routes, "## What bodies hold\n", *bodies])


def openapi() -> dict[str, Any]:
    """The document of a pod to which nothing was promoted."""

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield

    async def reread() -> None: ...

    settings = Settings(s3_access_key="none", s3_secret_key="none")  # noqa: S106 - no store
    slots = Slots(settings.named_models, pod="none", limit=None)
    app = build_app(settings, slots, Readiness(), Sources(), running, reread)
    return app.openapi()


def _route(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [f"## {method} {path}\n\n{operation.get('description', '')}\n"]
    if parameters := operation.get("parameters"):
        told = ((f"`{p['name']}`", p["in"], p.get("description", "")) for p in parameters)
        parts.append(table(("parameter", "in", "meaning"), told))
    if body := operation.get("requestBody"):
        more = f", {body['description']}" if "description" in body else ""
        parts.append(f"Body: {_types(body)}{more}.\n")
    rows = (
        (status, _answer(each)) for status, each in sorted(operation["responses"].items())
    )
    parts.append(table(("status", "answer"), rows))
    return "\n".join(parts)


def _answer(response: Mapping[str, Any]) -> str:
    told = response["description"].replace("Successful Response", "")
    schemas = [each.get("schema", {}) for each in response.get("content", {}).values()]
    named = [_type(each) for each in schemas if "$ref" in each]
    return str(told or " ".join(named[:1]) or _types(response))


def _types(body: Mapping[str, Any]) -> str:
    return ", ".join(f"`{each}`" for each in body.get("content", {}))


def _body(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = (
        (
            f"`{field}`",
            _type(each) + ("" if field in required else ", may be absent"),
            each.get("description", ""),
        )
        for field, each in schema["properties"].items()
    )
    return (
        f"### {name}\n\n{schema.get('description', '')}\n\n"
        f"{table(('field', 'type', 'meaning'), rows)}"
    )


def _type(schema: Mapping[str, Any]) -> str:
    return " or ".join(dict.fromkeys(_type_words(schema))) or "anything"


def _type_words(schema: Mapping[str, Any]) -> Iterator[str]:
    if name := schema.get("$ref", "").rpartition("/")[2]:
        yield f"[{name}](#{name.lower()})" if name not in ROWS else name
    for option in schema.get("anyOf", []):
        yield from _type_words(option)
    for value in schema.get("enum", [schema["const"]] if "const" in schema else []):
        yield f"`{value}`"
    match schema.get("type"):
        case "array":
            yield f"list of {_type(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            yield f"name → {_type(schema['additionalProperties'])}"
        case str() as word if "enum" not in schema and "const" not in schema:
            yield "RFC 3339 time" if schema.get("format") == "date-time" else word
