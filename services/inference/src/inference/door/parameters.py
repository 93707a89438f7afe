"""Query parameters that a route does not have are refused: a typo chooses nothing."""

import difflib
from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute

from inference.tables.problems import Problem

MOST = 64
"""Characters of a name that are looked at and told."""


async def only_known(request: Request) -> None:
    """A dependency of all routes; raises Problem 422 that names the nearest parameter."""
    route = request.scope.get("route")
    if not request.url.query or not isinstance(route, APIRoute):
        return
    known = [field.alias for field in route.dependant.query_params]
    unknown = next((name for name in request.query_params if name not in known), None)
    if unknown is None:
        return
    told = f"there is no query parameter {unknown[:MOST]!r} here"
    near = difflib.get_close_matches(unknown[:MOST], known, n=1)
    there_is = f"there is {', '.join(known)}" if known else "there is none"
    detail = f"{told}; did you mean {near[0]!r}?" if near else f"{told}; {there_is}"
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, kind="unknown-parameter")
