"""The OpenAPI document: what a row is comes from the manifest of the model that answers."""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from inference.door.row_schemas import Schema, row_schemas
from inference.tables.formats import MULTIPART, Format
from inference.tables.problems import MEDIA_TYPE, ProblemDetails
from relevo_contracts import Manifest

COMPONENTS = "#/components/schemas/"
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
    MULTIPART: {
        "schema": {
            "type": "object",
            "properties": {
                "file": {
                    "type": "string",
                    "format": "binary",
                    "description": "one file in any of the forms; its type or its name"
                    " tells which",
                }
            },
            "required": ["file"],
        }
    },
}
BATCH_BODY: Schema = {
    "requestBody": {
        "required": True,
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
        status.value: {"description": REASONS[status], "content": content}
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
    others: forms of bodies that no route declares.
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
            page["paths"][f"/models/{quote(name, safe='')}/predict"] = _own_route(page, key)
        _tell_of_problems(page)
        return page

    # FastAPI's documented way to extend the document; mypy sees a method replaced
    app.openapi = openapi  # type: ignore[method-assign]


def _own_route(page: Schema, key: str) -> Schema:
    """The route of one model, as that of all models, with the rows that it takes."""
    route: Schema = copy.deepcopy(page["paths"][ANY_MODEL])
    operation = route["post"]
    operation["operationId"] = f"predict_{key}"
    operation["parameters"] = []
    content = operation["requestBody"]["content"][Format.JSON.value]
    content["schema"] = {"$ref": f"{COMPONENTS}Row_{key}"}
    return route


def _tell_of_problems(page: Schema) -> None:
    """FastAPI documents a form of its own for wrong parameters; ours is answered."""
    unfit = problem_responses(HTTPStatus.UNPROCESSABLE_ENTITY)[422]
    operations = (each for path in page["paths"].values() for each in path.values())
    for operation in operations:
        responses = operation["responses"]
        if "HTTPValidationError" not in str(responses.get("422")):
            continue
        if MEDIA_TYPE in responses.get("400", responses.get("503", unfit))["content"]:
            responses["422"] = unfit | {"description": "A parameter does not fit"}
        else:
            del responses["422"]  # peers tell of it by a 400
    for name in ("HTTPValidationError", "ValidationError"):
        page["components"]["schemas"].pop(name, None)
