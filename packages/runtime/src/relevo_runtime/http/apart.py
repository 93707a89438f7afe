"""A port of its own for those who operate a service, which no gateway publishes."""

import socket
from collections.abc import Sequence
from http import HTTPStatus

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from relevo_runtime.http.access import METRICS, PROBES, Access
from relevo_runtime.http.lock import problem


class Apart:
    """ASGI middleware: operators' paths are answered on that port, all others are not.

    Probes are answered on both. Metrics are open there: who reaches the port may look.
    """

    def __init__(
        self, locked: ASGIApp, unlocked: ASGIApp, port: int, access: Access
    ) -> None:
        self._locked = locked
        self._unlocked = unlocked
        self._port = port
        self._operators = access.operators

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._locked
        if scope["type"] == "http":
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            is_apart = scope["server"][1] == self._port
            if path not in PROBES and (path in self._operators) != is_apart:
                detail = f"{path} is answered on another port of this service"
                app = problem(HTTPStatus.NOT_FOUND, detail, {})
            elif is_apart and path == METRICS:
                app = self._unlocked
        await app(scope, receive, send)


def sockets(config: uvicorn.Config, port: int) -> Sequence[socket.socket]:
    """Both, listening; raises OSError when the second one is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    return config.bind_socket(), socket.create_server((config.host, port), family=family)
