"""Every request is counted and timed, as thin as ASGI allows."""

import time

from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference import metrics
from inference.duty.slot import Slot

SLOT = "relevo.slot"
"""In the scope of a request: the slot of the model that it is about."""


def note(request: Request, slot: Slot) -> None:
    """Let the request count as one that is about this model."""
    request.scope[SLOT] = slot


class Recorder:
    """ASGI middleware: requests by route, model and status, and how long they took.

    A path without a route counts as "other", a request about no model that is here, or not
    yet, as one about "": callers cannot make new series, and waiting for the first version
    is no fault of a model.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._timers: dict[tuple[str, str], Histogram] = {}

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
            slot: Slot | None = scope.get(SLOT)
            model = slot.model if slot and slot.serving else ""
            self._count(route, model, status, time.perf_counter() - start)

    def _count(self, route: str, model: str, status: int, seconds: float) -> None:
        if (route, model, status) not in self._counters:
            self._counters[route, model, status] = metrics.REQUESTS.labels(
                route, model, str(status)
            )
            self._timers[route, model] = metrics.REQUEST_DURATION.labels(route, model)
        self._counters[route, model, status].inc()
        self._timers[route, model].observe(seconds)
