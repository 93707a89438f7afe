"""Errors as problem details (RFC 9457), whoever finds them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from relevo_bundles import FieldError, RowError

RETRY_SECONDS = 5
MEDIA_TYPE = "application/problem+json"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class WrongField(BaseModel):
    """One field that does not fit; of a batch, with the place of its row, from 0."""

    row: int | None = Field(None, description="only when the whole batch is refused")
    field: str | None = Field(description="null: the row as a whole")
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
        errors: Sequence[FieldError | RowError] = (),
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


def overloaded() -> Problem:
    """As many requests as this pod takes at a time are in flight."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "this pod has more to do than it can",
        kind="overloaded",
        headers={"retry-after": "1"},
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
    return _unfit("invalid-row", errors)


def invalid_columns(errors: Sequence[FieldError]) -> Problem:
    """The columns of a table are not those that the model takes."""
    return _unfit("invalid-columns", errors)


def invalid_batch(errors: Sequence[RowError], total: int) -> Problem:
    """A batch that was to be answered as a whole has rows that do not fit."""
    return _unfit("invalid-batch", errors, total=total, where=f"row {errors[0].row}: ")


def _unfit(
    kind: str,
    errors: Sequence[FieldError | RowError],
    *,
    total: int | None = None,
    where: str = "",
) -> Problem:
    others = (total or len(errors)) - 1
    more = f", and {others} more" if others else ""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"{where}{in_words(errors[0])}{more}",
        kind=kind,
        errors=errors,
    )


def in_words(error: FieldError | RowError) -> str:
    """What is wrong with a field, as a sentence."""
    name = f"`{error.field}` " if error.field is not None else ""
    sent = f" ({error.value})" if error.value is not None and error.allowed else ""
    takes = f"; it takes {error.allowed}" if error.allowed else ""
    return f"{name}{error.message}{sent}{takes}"


def too_many_rows(most: int) -> Problem:
    """A batch of more rows than this pod answers at once."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a batch must have {most} rows at most"
    )


Tell = Callable[[Scope, Problem], Response]
"""A problem as the answer to a request, in the form that its caller understands."""


def answer_errors_as_problems(app: FastAPI, tell: Tell) -> None:
    """Also what the framework itself refuses, and what we did not foresee."""

    @app.exception_handler(Problem)
    async def told(request: Request, problem: Problem) -> Response:
        return tell(request.scope, problem)

    @app.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = f"the {first['loc'][0]} parameter {first['loc'][-1]}"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return tell(request.scope, Problem(status, f"{where}: {first['msg']}"))

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, _: ClientDisconnect) -> Response:
        problem = Problem(HTTPStatus.BAD_REQUEST, "the body never came whole")
        return tell(request.scope, problem)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        detail = f"{request.method} {request.url.path}: {error.detail}"
        status = HTTPStatus(error.status_code)
        return tell(request.scope, Problem(status, detail, headers=error.headers))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        log.error("a bug", path=request.url.path, exc_info=error)
        detail = "This should not happen; the log says why."
        return tell(request.scope, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
