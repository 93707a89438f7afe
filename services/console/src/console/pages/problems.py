"""A refusal that a page's script shows, in the form of the pods' own (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi.responses import JSONResponse


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer with that status."""
    return JSONResponse(
        {"status": status, "title": HTTPStatus(status).phrase, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )
