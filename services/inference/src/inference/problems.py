"""Errors as problem details (RFC 9457), whoever finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from relevo_bundles import FieldError

RETRY_SECONDS = 5
MEDIA_TYPE = "application/problem+json"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class WrongField(BaseModel):
    """One field that does not fit."""

    field: str
    message: str
    value: str | None = Field(description="what was sent, cut")
    allowed: str | None = Field(description="what fits, in words")


class ProblemDetails(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(description="about:blank, or a name of the problem")
    title: str
    status: int
    detail: str = Field(description="a sentence for a person")
    errors: list[WrongField] | None = Field(None, description="with 422: field by field")


class Problem(Exception):
    """A request that is not answered; `kind` names it where the status does not."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = errors
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The problem as an answer."""
        facts: dict[str, object] = {
            "type": f"urn:relevo:problem:{self.kind}" if self.kind else "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        if self.errors:
            facts["errors"] = [asdict(error) for error in self.errors]
        return Response(
            to_json(facts),
            status_code=self.status.value,
            headers={"cache-control": "no-store", **self.headers},
            media_type=MEDIA_TYPE,
        )


def no_model(reason: str) -> Problem:
    """Nothing can be predicted yet; the caller may try again."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"no model answers: {reason}",
        kind="no-model",
        headers={"retry-after": str(RETRY_SECONDS)},
    )


def unknown_model(name: str, names: Sequence[str]) -> Problem:
    """This pod does not answer for a model of that name; `names`: for which it does."""
    return Problem(
        HTTPStatus.NOT_FOUND,
        f"there is no model {name[:80]!r} here; there is {', '.join(names)}",
        kind="unknown-model",
    )


def invalid_row(errors: Sequence[FieldError]) -> Problem:
    """The row does not fit; all that is wrong with it."""
    first = errors[0]
    sent = f" ({first.value})" if first.value is not None else ""
    takes = f"; it takes {first.allowed}" if first.allowed else ""
    more = f", and {len(errors) - 1} more" if len(errors) > 1 else ""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"{first.field} {first.message}{sent}{takes}{more}",
        kind="invalid-row",
        errors=errors,
    )


def answer_errors_as_problems(app: FastAPI) -> None:
    """Also what the framework itself refuses, and what we did not foresee."""

    @app.exception_handler(Problem)
    async def told(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        detail = f"{request.method} {request.url.path}: {error.detail}"
        status = HTTPStatus(error.status_code)
        return Problem(status, detail, headers=error.headers).response()

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        log.error("a bug", path=request.url.path, exc_info=error)
        detail = "This should not happen; the log says why."
        return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail).response()
