"""Errors as problem details (RFC 9457)."""

import json
import math
from datetime import timedelta
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException


def problem(
    status: HTTPStatus, detail: str, *, kind: str | None = None, **more: object
) -> Response:
    """An error that says what happened.

    `kind` names the problem where the status alone does not, e.g. "not-yet-released".
    """
    facts = {
        "type": f"urn:data-api:problem:{kind}" if kind else "about:blank",
        "title": kind.replace("-", " ").capitalize() if kind else status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": request.path,
        **more,
    }
    response = Response(
        json.dumps(facts) + "\n", status=status, content_type="application/problem+json"
    )
    response.cache_control.no_store = True
    return response


def try_again(response: Response, *, after: timedelta) -> Response:
    """The same with Retry-After in whole seconds, never before the time has come."""
    response.headers["Retry-After"] = str(max(1, math.ceil(after.total_seconds())))
    return response


def answer_errors_as_problems(app: Flask) -> None:
    """Also what Flask itself refuses, and what we did not foresee."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        response = problem(HTTPStatus(error.code), error.description or "")
        if allow := error.get_response().headers.get("Allow"):
            response.headers["Allow"] = allow
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "This should not happen; the log says why."
        )
