"""Every request is counted and timed, as thin as ASGI allows."""

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference import metrics


class Recorder:
    """ASGI middleware: requests by route and status, and how long they took.

    A path without a route counts as "other": callers cannot make new series.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counters: dict[tuple[str, int], Counter] = {}
        self._timers: dict[str, Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500

        async def record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, record)
        finally:
            # the router writes the route that it found into the scope
            route = getattr(scope.get("route"), "path", "other")
            self._count(route, status, time.perf_counter() - start)

    def _count(self, route: str, status: int, seconds: float) -> None:
        if (route, status) not in self._counters:
            self._counters[route, status] = metrics.REQUESTS.labels(route, str(status))
            self._timers[route] = metrics.REQUEST_DURATION.labels(route)
        self._counters[route, status].inc()
        self._timers[route].observe(seconds)
