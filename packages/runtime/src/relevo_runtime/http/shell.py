"""What surrounds every service: whatever is the same for each request, as ASGI."""

import re
from collections.abc import Iterable

from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from relevo_runtime.http.access import USUAL, Access
from relevo_runtime.http.apart import Apart
from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.lock import Lock
from relevo_runtime.http.prefixes import below, prefix_of
from relevo_runtime.http.settings import HttpSettings

TOLD = {
    b"x-request-id": ("request_id", re.compile(rb"[\x21-\x7e]{1,128}").fullmatch),
    b"traceparent": (
        "traceparent",
        re.compile(rb"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}").fullmatch,
    ),
}
"""Headers by which callers find a request again: the name in the log, what is one."""
GZIP_FROM, GZIP_LEVEL = 1024, 1
"""Smaller ones are as soon sent; a higher level costs twice as much for a tenth less."""

Headers = Iterable[tuple[bytes, bytes]]


def surround(
    app: ASGIApp,
    settings: HttpSettings,
    *,
    keys: KeyRing | None = None,
    access: Access = USUAL,
) -> ASGIApp:
    """The application with its shell, as the settings say; keys: None: it has no lock."""
    unlocked = app
    if keys is not None:
        app = Lock(app, keys, access)
    if settings.http_operations_port:
        app = Apart(app, unlocked, settings.http_operations_port, access)
    if settings.http_gzip:
        app = GZipMiddleware(app, minimum_size=GZIP_FROM, compresslevel=GZIP_LEVEL)
    if settings.http_cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.http_cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["*"],
        )
    return Shell(app, prefix=settings.http_prefix)


class Shell:
    """HEAD is GET without a body, links have the prefix, callers' ids come back."""

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        changes: dict[str, object] = {}
        if scope["method"] == "HEAD":
            changes["method"] = "GET"  # the server leaves the body out
        if prefix := _forwarded(scope["headers"]) or self._prefix:
            changes |= below(scope, prefix)
        told = told_ids(scope["headers"])

        async def echo(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *told]
            await send(message)

        names = {TOLD[name][0]: value.decode() for name, value in told}
        with bound_contextvars(**names):
            await self._app({**scope, **changes}, receive, echo if told else send)


def told_ids(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Those of a request's headers that are echoed."""
    return [
        (name, value) for name, value in headers if name in TOLD and TOLD[name][1](value)
    ]


def _forwarded(headers: Headers) -> str:
    told = next((value for name, value in headers if name == b"x-forwarded-prefix"), b"")
    return prefix_of(told)
