"""What is too much is refused at once; what is too slow is given up."""

import asyncio
import gzip
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from inference.door.batches import answer_batch
from inference.door.overload import Budget, Places, Room, Visit
from inference.door.sizing import bytes_in_flight
from inference.door.turns import Turns
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
        inference_max_bytes=2**20,
        inference_max_bytes_in_flight=2**22,
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


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Batches are computed as soon as this is set."""
    may_go = threading.Event()

    def wait_and_answer(*args: Any, **options: Any) -> Any:
        assert may_go.wait(10)
        return answer_batch(*args, **options)

    monkeypatch.setattr("inference.door.prediction_routes.answer_batch", wait_and_answer)
    yield may_go
    may_go.set()


async def test_one_request_more_than_allowed_is_refused_at_once_but_never_the_watchers(
    is_problem: IsProblem,
    client: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    held: threading.Event,
) -> None:
    serve()
    before = await figure(client, "relevo_inference_shed_requests_total")

    async def in_flight() -> float:
        return await figure(client, "relevo_inference_requests_in_flight")

    async def are_there() -> bool:
        return await in_flight() == 3

    async with asyncio.TaskGroup() as callers:
        calls = [
            callers.create_task(client.post("/predict_batch", json=[example]))
            for _ in range(3)
        ]
        await eventually(are_there, "three requests are in flight")
        start = time.perf_counter()
        refused = [await client.post("/predict", json=example), await client.get("/models")]
        seconds = time.perf_counter() - start
        watched = [await client.get(path) for path in ("/health", "/ready", "/metrics")]
        held.set()

    for answer in refused:
        assert is_problem(answer, 503)["type"] == "urn:relevo:problem:overloaded"
        assert answer.headers["retry-after"] == "1"
    assert seconds < 0.1
    assert [answer.status_code for answer in watched] == [200, 200, 200]
    assert [call.result().status_code for call in calls] == [200, 200, 200]
    assert (await client.post("/predict", json=example)).status_code == 200
    assert await in_flight() == 0
    assert await figure(client, "relevo_inference_shed_requests_total") == before + 2


async def test_uploads_that_idle_hold_no_place(
    client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    slow = Slow()
    async with asyncio.TaskGroup() as callers:
        idle = [
            callers.create_task(client.post(path, content=slow.body(b"["), headers=JSON))
            for path in ("/predict", "/predict_batch") * 10
        ]
        await until_begun(slow, 20)
        large = json.dumps([example] * 200).encode()
        batch = await client.post("/predict_batch", content=large, headers=JSON)
        single = await client.post("/predict", json=example)
        slow.may_end.set()

    assert [batch.status_code, single.status_code] == [200, 200]
    assert {call.result().status_code for call in idle} <= {400, 503}


async def test_bytes_of_bodies_that_are_on_their_way_have_a_budget(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    serve()
    slow, many = Slow(), b" " * 900_000
    async with asyncio.TaskGroup() as callers:
        calls = [
            callers.create_task(
                client.post("/predict_batch", content=slow.body(many), headers=JSON)
            )
            for _ in range(2)
        ]
        await until_begun(slow, 2)
        refused = await client.post("/predict_batch", content=many, headers=JSON)
        bomb = await client.post(
            "/predict_batch",
            content=gzip.compress(many),
            headers=JSON | {"content-encoding": "gzip"},
        )
        single = await client.post("/predict", json=example)
        slow.may_end.set()

    assert is_problem(refused, 503)["type"] == "urn:relevo:problem:overloaded"
    is_problem(bomb, 503)
    assert single.status_code == 200
    assert {call.result().status_code for call in calls} == {400}
    assert (await client.post("/predict_batch", content=many, headers=JSON)).is_client_error
    assert await figure(client, "relevo_inference_in_flight_bytes") == 0


async def test_the_next_batch_waits_until_there_is_room_for_an_answer() -> None:
    room = Room(Places(9), Budget(10**6), Budget(1000))
    sent = asyncio.Event()

    def visit() -> Visit:
        async def nothing(*_: Any) -> Any:
            return None

        return Visit(room, room.requests, nothing, nothing)

    computed: list[int] = []

    def work(number: int) -> Response:
        computed.append(number)
        return Response(b"x" * 900)

    async def call(number: int) -> None:
        own = visit()
        await turns.run(partial(work, number), own)
        if number == 0:
            await sent.wait()
        own.end()

    with ThreadPoolExecutor(1) as thread:
        turns = Turns(thread)
        async with asyncio.TaskGroup() as callers:
            for number in range(4):
                callers.create_task(call(number))
            await eventually(lambda: len(computed) == 2, "the second is computed")
            await asyncio.sleep(0.05)
            assert computed == [0, 1]
            sent.set()

    assert computed == [0, 1, 2, 3]
    assert room.answers.used == 0


@pytest.mark.parametrize(
    ("memory", "changes", "told"),
    [
        (512, {}, None),
        (100_000, {}, None),
        (256, {}, "give the container more"),
        (512, {"inference_max_bytes": 32 * 2**20}, "lower one of them"),
        (512, {"inference_max_bytes_in_flight": 2**20}, "must be twice"),
    ],
)
def test_limits_that_the_memory_does_not_allow_are_told_at_the_start(
    memory: int, changes: dict[str, Any], told: str | None
) -> None:
    usual = Settings(s3_access_key="key", s3_secret_key="secret", **changes)
    if told is None:
        flight = bytes_in_flight(usual, memory * 2**20)
        assert flight == min(memory * 2**20 // 4, 2**30)
        return
    with pytest.raises(ValueError, match=told):
        bytes_in_flight(usual, memory * 2**20)


@pytest.mark.parametrize("path", ["/predict", "/predict_batch"])
async def test_a_body_that_does_not_come_is_given_up(
    is_problem: IsProblem, client: httpx.AsyncClient, serve: Serve, path: str
) -> None:
    serve()

    answer = await client.post(path, content=Slow().body(b"["), headers=JSON)

    assert is_problem(answer, 408)["detail"] == "the body did not come whole within 1 s"
    assert answer.headers["connection"] == "close"
