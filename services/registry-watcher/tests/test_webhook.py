"""Only a call that MLflow signed, and not long ago, is a nudge."""

import asyncio
import time

import httpx
import pytest
from starlette.applications import Starlette

from registry_watcher import watching
from registry_watcher.watching import watch
from registry_watcher.webhook import signature, webhook_route
from relevo_runtime.testing import eventually

SECRET = "s3cret"
BODY = b'{"entity":"model_version_alias","action":"created"}'


def signed(*, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-MLflow-Delivery-Id": "a-delivery",
        "X-MLflow-Timestamp": timestamp,
        "X-MLflow-Signature": signature(secret, "a-delivery", timestamp, BODY),
    }


async def call(headers: dict[str, str], *, body: bytes = BODY) -> tuple[int, int]:
    """The answer's status, and how many nudges came of it."""
    nudges: list[None] = []
    app = Starlette(routes=[webhook_route(lambda: nudges.append(None), secret=SECRET)])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://watcher") as client:
        answer = await client.post("/webhook", content=body, headers=headers)
    return answer.status_code, len(nudges)


async def test_a_genuine_call_nudges() -> None:
    assert await call(signed()) == (202, 1)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (signed(secret="another"), BODY),
        (signed(), BODY + b" "),
        (signed(at=1_000_000.0), BODY),
        (signed() | {"X-MLflow-Timestamp": "soon"}, BODY),
    ],
    ids=["unsigned", "another secret", "another body", "long ago", "an odd number"],
)
async def test_any_other_call_is_turned_away(headers: dict[str, str], body: bytes) -> None:
    assert await call(headers, body=body) == (401, 0)


def test_the_signature_is_the_one_that_mlflow_sends() -> None:
    # Computed with mlflow.webhooks.delivery._generate_hmac_signature of MLflow 3.17.2.
    by_mlflow = "v1,g7RitEqJvu8yMbDC6clEYxfin7F9RZIMzpsXDw051Xc="

    assert signature("k", "id", "1", b"{}") == by_mlflow


async def test_a_nudge_during_a_look_leads_to_another_look() -> None:
    nudged, enough = asyncio.Event(), asyncio.Event()
    looks: list[bool] = []

    async def reconcile(*, anew: bool) -> bool:
        looks.append(anew)
        if len(looks) == 1:
            nudged.set()
        else:
            enough.set()
        return True

    task = asyncio.create_task(watch(reconcile, nudged, interval=3600))
    try:
        await asyncio.wait_for(enough.wait(), 5)
    finally:
        task.cancel()

    assert looks == [True, False]


@pytest.mark.parametrize("agrees", [True, False])
async def test_all_is_looked_at_anew_on_the_timer_and_sooner_while_something_is_amiss(
    agrees: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "AGAIN_SECONDS", 0.01)
    nudged = asyncio.Event()
    looks: list[bool] = []

    async def reconcile(*, anew: bool) -> bool:
        looks.append(anew)
        return agrees

    task = asyncio.create_task(watch(reconcile, nudged, interval=0.01 if agrees else 3600))
    try:
        await eventually(lambda: looks.count(True) > 2, "it looks again")
    finally:
        task.cancel()
