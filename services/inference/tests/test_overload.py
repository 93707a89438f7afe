"""What is too much is refused at once; what is too slow is given up."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from inference.settings import Settings
from relevo_runtime.testing import eventually

Row = dict[str, Any]
Serve = Callable[..., Any]
IsProblem = Callable[[httpx.Response, int], Row]
JSON = {"content-type": "application/json"}


@pytest.fixture
def settings() -> Settings:
    return Settings(
        s3_access_key="key",
        s3_secret_key="secret",
        inference_max_requests=3,
        inference_max_batches=1,
        inference_body_seconds=1,
    )


class Slow:
    """Bodies that do not end before they may."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.begun = 0

    async def body(self, content: bytes) -> AsyncIterator[bytes]:
        self.begun += 1
        yield content
        await self.may_end.wait()


async def until_begun(slow: Slow, number: int) -> None:
    await eventually(lambda: slow.begun == number, f"{number} bodies have begun")


async def figure(client: httpx.AsyncClient, name: str) -> float:
    page = (await client.get("/metrics")).text
    found = re.search(rf"^{name} (\S+)$", page, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_one_request_more_than_allowed_is_refused_at_once_but_never_the_watchers(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    slow = Slow()
    body = httpx.Request("POST", "http://pod", json=example).content
    before = await figure(client, "relevo_inference_shed_requests_total")
    async with asyncio.TaskGroup() as callers:
        calls = [
            callers.create_task(
                client.post("/predict", content=slow.body(body), headers=JSON)
            )
            for _ in range(3)
        ]
        await until_begun(slow, 3)
        start = time.perf_counter()
        refused = await client.post("/predict", json=example)
        seconds = time.perf_counter() - start
        in_flight = await figure(client, "relevo_inference_requests_in_flight")
        watched = [await client.get(path) for path in ("/health", "/ready", "/metrics")]
        slow.may_end.set()

    facts = is_problem(refused, 503)
    assert facts["type"] == "urn:relevo:problem:overloaded"
    assert refused.headers["retry-after"] == "1"
    assert seconds < 0.05
    assert in_flight == 3
    assert [answer.status_code for answer in watched] == [200, 200, 200]
    assert [call.result().status_code for call in calls] == [200, 200, 200]
    assert (await client.post("/predict", json=example)).status_code == 200
    assert await figure(client, "relevo_inference_requests_in_flight") == 0
    assert await figure(client, "relevo_inference_shed_requests_total") == before + 1


async def test_batches_leave_room_for_single_rows(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    slow = Slow()
    async with asyncio.TaskGroup() as callers:
        batch = callers.create_task(
            client.post("/predict_batch", content=slow.body(b"[]"), headers=JSON)
        )
        await until_begun(slow, 1)
        large = json.dumps([example] * 200).encode()
        second = await client.post("/predict_batch", content=large, headers=JSON)
        small = await client.post("/predict_batch", json=[example])
        single = await client.post("/predict", json=example)
        slow.may_end.set()

    assert second.status_code == 503
    assert single.status_code == 200
    assert batch.result().status_code == 200
    assert small.status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_that_does_not_come_is_given_up(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, path: str
) -> None:
    serve()

    answer = await client.post(path, content=Slow().body(b"["), headers=JSON)

    assert is_problem(answer, 408)["detail"] == "the body did not come whole within 1 s"
    assert answer.headers["connection"] == "close"
