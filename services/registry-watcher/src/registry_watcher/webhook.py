"""The door for MLflow's webhook: a signed call is a nudge to look, and nothing more.

Deliveries come late, twice and out of order, so what they say is never believed;
signature: https://mlflow.org/docs/latest/ml/webhooks/#security
"""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Set

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry_watcher.metrics import NUDGES
from relevo_contracts.keys import Scope
from relevo_runtime.http.access import ANYBODY, usually_needed

PATH = "/webhook"
OLDEST_SECONDS = 300.0


def needed(method: str, path: str) -> Set[Scope]:
    """MLflow has no key of ours: what it sends is signed instead."""
    return ANYBODY if path == PATH else usually_needed(method, path)


def signature(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """What MLflow writes into X-MLflow-Signature."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def is_genuine(headers: Mapping[str, str], body: bytes, *, secret: str, now: float) -> bool:
    """True for a call that MLflow signed with our secret not long ago (unix seconds)."""
    delivery_id = headers.get("x-mlflow-delivery-id", "")
    timestamp = headers.get("x-mlflow-timestamp", "")
    given = headers.get("x-mlflow-signature", "")
    fresh = timestamp.isdecimal() and abs(now - int(timestamp)) <= OLDEST_SECONDS
    expected = signature(secret, delivery_id, timestamp, body)
    return hmac.compare_digest(expected.encode(), given.encode()) and fresh


async def keep_webhook(
    call_back: Callable[[], Awaitable[str | None]],
) -> AsyncIterator[str]:
    """Have MLflow call us; what was otherwise, in words."""
    if difference := await call_back():
        yield difference


def webhook_route(nudge: Callable[[], None], *, secret: str) -> Route:
    """POST /webhook: 202 for a genuine call, 401 for any other."""

    async def receive(request: Request) -> Response:
        body = await request.body()
        genuine = is_genuine(request.headers, body, secret=secret, now=time.time())
        NUDGES.labels("accepted" if genuine else "rejected").inc()
        if not genuine:
            return Response("not signed by MLflow with our secret", status_code=401)
        nudge()
        return Response(status_code=202)

    return Route(PATH, receive, methods=["POST"])
