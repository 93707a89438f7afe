"""What the OpenAPI document says of peers' protocols."""

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import BaseModel

from inference.door.documentation import REASONS
from inference.door.row_schemas import COMPONENTS, Schema
from inference.tables.formats import Format

ASKED = (HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE)
ASKED_OF_MODEL = (HTTPStatus.NOT_FOUND, *ASKED)
UNSENT = {HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNPROCESSABLE_ENTITY}
SENT = tuple(status for status in REASONS if status not in UNSENT)
"""The statuses of refusals of what is asked, and of rows that are sent."""
UNFIT = "The body is none, or does not fit the model's features, or a parameter is unknown"
UNKNOWN = "A parameter is unknown"


def refusals(
    error: type[BaseModel], statuses: Sequence[HTTPStatus]
) -> dict[int | str, Schema]:
    """The `responses` of a route whose refusals have this form."""
    reasons = REASONS | {HTTPStatus.BAD_REQUEST: UNFIT if statuses is SENT else UNKNOWN}
    content = {Format.JSON.value: {"schema": {"$ref": COMPONENTS + error.__name__}}}
    return {
        str(status.value): {"description": reasons[status], "content": content}
        for status in statuses
    }


def described_body(form: type[BaseModel], others: str) -> Schema:
    """The `openapi_extra` of a route that takes this form as JSON; others: in words."""
    schema = {"$ref": COMPONENTS + form.__name__}
    content = {Format.JSON.value: {"schema": schema}}
    return {"requestBody": {"required": True, "description": others, "content": content}}
