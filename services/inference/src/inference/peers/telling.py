"""Problems in the words of each protocol: its own clients look for them there."""

from collections.abc import Callable
from http import HTTPStatus
from types import MappingProxyType

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Scope

from inference.tables.formats import Format
from inference.tables.problems import Problem

CODES = MappingProxyType(
    {
        HTTPStatus.NOT_FOUND: "RESOURCE_DOES_NOT_EXIST",
        HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
        HTTPStatus.SERVICE_UNAVAILABLE: "TEMPORARILY_UNAVAILABLE",
    }
)
"""MLflow's; all else is a BAD_REQUEST."""


def _by_open_inference(problem: Problem) -> dict[str, str]:
    return {"error": problem.detail}


def _by_mlflow(problem: Problem) -> dict[str, str]:
    code = CODES.get(problem.status, "BAD_REQUEST")
    return {"error_code": code, "message": problem.detail}


FORMS: dict[str, Callable[[Problem], dict[str, str]]] = {
    "v2": _by_open_inference,
    "v1": _by_open_inference,
    "invocations": _by_mlflow,
    "ping": _by_mlflow,
    "version": _by_mlflow,
}
"""By the first part of a path."""


def tell(scope: Scope, problem: Problem) -> Response:
    """The problem as the protocol of the path has it; elsewhere as problem details.

    Peers have no 422: what does not fit is a 400.
    """
    path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
    form = FORMS.get(path.split("/")[1] if "/" in path else "")
    if form is None:
        return problem.response()
    unfit = problem.status is HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.BAD_REQUEST if unfit else problem.status
    headers = {"cache-control": "no-store", **problem.headers}
    return Response(to_json(form(problem)), status, headers, Format.JSON)
