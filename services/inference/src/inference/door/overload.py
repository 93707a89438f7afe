"""So many requests at a time and no more: what is beyond is refused at once."""

from starlette.types import ASGIApp, Receive, Scope, Send

from inference import metrics
from inference.tables.bodies import ROW_BYTES
from inference.tables.problems import overloaded

ALWAYS = {"/health", "/ready", "/metrics"}
"""Whoever watches a pod must see it best when it has too much to do."""

BATCH = "/predict_batch"


class Gate:
    """ASGI middleware: counts the requests in flight, and the large batches among them."""

    def __init__(self, app: ASGIApp, *, requests: int, batches: int) -> None:
        self._app = app
        self._most_requests = requests
        self._most_batches = batches
        self._requests = 0
        self._batches = 0
        metrics.IN_FLIGHT.set_function(lambda: self._requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self._app(scope, receive, send)
            return
        is_batch = scope["path"] == BATCH and not is_small(scope)
        if self._requests >= self._most_requests or (
            is_batch and self._batches >= self._most_batches
        ):
            metrics.SHED.inc()
            await overloaded().response()(scope, receive, send)
            return
        self._requests += 1
        self._batches += is_batch
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests -= 1
            self._batches -= is_batch


def is_small(scope: Scope) -> bool:
    """True for a body that says it is no longer than a row may be: soon answered."""
    declared = dict(scope["headers"]).get(b"content-length", b"")
    return declared.isdigit() and len(declared) < 10 and int(declared) <= ROW_BYTES
