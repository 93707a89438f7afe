"""The OpenAPI document: what a row is comes from the manifest of the model that answers."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from inference.door.row_schemas import COMPONENTS, Schema, row_schemas
from inference.tables.formats import Format
from inference.tables.problems import MEDIA_TYPE, ProblemDetails
from relevo_contracts import Manifest

ANY_MODEL = "/models/{name}/predict"

REASONS = {
    HTTPStatus.BAD_REQUEST: "The body is empty, or not what its Content-Type says",
    HTTPStatus.NOT_FOUND: "This pod does not answer for a model of that name",
    HTTPStatus.NOT_ACCEPTABLE: "There is no answer in a form that Accept names",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come whole in time",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has too many bytes or rows",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of another type, or packed otherwise",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body does not fit the model's features, or a"
    " parameter is unknown",
    HTTPStatus.SERVICE_UNAVAILABLE: "No model answers (in time), or the pod has more to do"
    " than it can; Retry-After says when",
}

NO_MODEL = (HTTPStatus.SERVICE_UNAVAILABLE,)
UNKNOWN_MODEL = (HTTPStatus.NOT_FOUND, *NO_MODEL)
BATCH_STATUSES = tuple(REASONS)
ROW_STATUSES = tuple(each for each in REASONS if each != HTTPStatus.NOT_ACCEPTABLE)
BUG = "This should not happen; the log says why"

KEYS = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
"""Either of them, where keys are on."""

UNSEEN = {
    "description": "the fields with a category that the dataset does not know; answered",
    "schema": {"type": "string"},
}
UNSEEN_HEADER: Schema = {"headers": {"X-Relevo-Unseen": UNSEEN}}

ROW_BODY: Schema = {
    "requestBody": {
        "required": True,
        "content": {Format.JSON.value: {"schema": {"$ref": COMPONENTS + "Row"}}},
    }
}

TABLE = {
    Format.CSV.value: {"schema": {"$ref": COMPONENTS + "RowsAsCsv"}},
    Format.ARROW.value: {
        "schema": {
            "type": "string",
            "format": "binary",
            "description": "an Arrow IPC stream without compression; columns as in CSV",
        }
    },
    Format.LINES.value: {
        "schema": {"type": "string", "description": "a row, as JSON, per line"}
    },
    Format.PARQUET.value: {
        "schema": {
            "type": "string",
            "format": "binary",
            "description": "a file, by snappy or not compressed; columns as in CSV",
        }
    },
}
FORM = "or one such file in a form (multipart/form-data)"
"""In words: generated clients cannot tell an array from a form, where both are typed."""
BATCH_BODY: Schema = {
    "requestBody": {
        "required": True,
        "description": FORM,
        "content": {Format.JSON.value: {"schema": {"$ref": COMPONENTS + "Rows"}}, **TABLE},
    }
}
ANSWER_TABLE = {
    "type": "string",
    "description": "a line per row that was sent, in its order: row, prediction,"
    " probability, label, prediction_id, and in error what is wrong with it",
}
BATCH_ANSWER: Schema = {
    "headers": {"X-Relevo-Unseen": UNSEEN},
    "content": {
        Format.CSV.value: {"schema": ANSWER_TABLE},
        Format.ARROW.value: {"schema": ANSWER_TABLE | {"format": "binary"}},
    },
}


def problem_responses(*statuses: HTTPStatus) -> dict[int | str, Schema]:
    """The `responses` of a route that answers with problems of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": COMPONENTS + "ProblemDetails"}}}
    return {
        str(status.value): {"description": REASONS.get(status, BUG), "content": content}
        for status in statuses
    }


def document(
    app: FastAPI,
    served: Callable[[], Mapping[str, Manifest]],
    *,
    default: str,
    others: Sequence[type[BaseModel]] = (),
) -> None:
    """Let /openapi.json tell what the models that answer take, as they are at that moment.

    served: the manifests by the models' names, each of which gets a route of its own in
    the document, with its own row. default: the model that answers when none is named.
    others: forms that no route declares.
    """

    def openapi() -> Schema:
        page = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
        schemas = page.setdefault("components", {}).setdefault("schemas", {})
        forms: list[type[BaseModel]] = [ProblemDetails, *others]
        for form in forms:
            schema = form.model_json_schema(ref_template=COMPONENTS + "{model}")
            schemas |= schema.pop("$defs", {}) | {form.__name__: schema}
        manifests = served()
        schemas |= row_schemas(manifests.get(default))
        for name, manifest in manifests.items():
            key = re.sub(r"[^A-Za-z0-9._-]", "_", name)
            schemas[f"Row_{key}"] = row_schemas(manifest)["Row"]
            route = _own_route(page, key, manifest)
            page["paths"][f"/models/{quote(name, safe='')}/predict"] = route
            if name == default:
                _show_examples(page["paths"]["/predict"], manifest)
        _tell_of_problems(page)
        page["components"]["securitySchemes"] = KEYS
        page["security"] = [{}, *({name: []} for name in KEYS)]
        return page

    # FastAPI's documented way to extend the document; mypy sees a method replaced
    app.openapi = openapi  # type: ignore[method-assign]


def _own_route(page: Schema, key: str, manifest: Manifest) -> Schema:
    """The route of one model, as that of all models, with the rows that it takes."""
    route: Schema = copy.deepcopy(page["paths"][ANY_MODEL])
    operation = route["post"]
    operation["operationId"] = f"predict_{key}"
    operation["parameters"] = []
    content = operation["requestBody"]["content"][Format.JSON.value]
    content["schema"] = {"$ref": f"{COMPONENTS}Row_{key}"}
    _show_examples(route, manifest)
    return route


def _show_examples(route: Schema, manifest: Manifest) -> None:
    """The rows to try, by what each shows."""
    content = route["post"]["requestBody"]["content"][Format.JSON.value]
    if manifest.examples:
        shown = {name: {"value": row} for name, row in manifest.examples.items()}
        content["examples"] = shown


def _tell_of_problems(page: Schema) -> None:
    """What every route may refuse, in our form: FastAPI documents one of its own."""
    unfit = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY)["422"]
    bug = problem_responses(HTTPStatus.INTERNAL_SERVER_ERROR)["500"]
    operations = (each for path in page["paths"].values() for each in path.values())
    for operation in operations:
        responses = operation["responses"]
        peers = responses.get("400", unfit)["content"]
        if MEDIA_TYPE not in peers:  # it has no 422
            responses.pop("422", None)
            responses["500"] = bug | {"content": peers}
            continue
        if "HTTPValidationError" in str(responses.get("422", "HTTPValidationError")):
            responses["422"] = unfit | {"description": "A parameter does not fit"}
        responses["500"] = bug
    for name in ("HTTPValidationError", "ValidationError"):
        page["components"]["schemas"].pop(name, None)
