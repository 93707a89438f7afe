"""The fast path answers as the ordinary route does, and leaves to it all that is odd."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from inference.door.fast_path import fast_protocol
from inference.duty.predicting import ServingModel
from inference.duty.slots import Slots
from inference.settings import Settings
from inference.tables.bodies import ROW_BYTES
from relevo_datasets import dataset_named
from relevo_local.places.ports import free_port
from relevo_runtime.testing import eventually

Row = dict[str, Any]
Serve = Callable[..., Any]
OWN = {"date", "server"}
"""Headers of the server, which the ordinary route has not when it is called without one."""
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        3,
        14,
        15,
        -1,
        2**53,
        2**53 + 1,
        10**30,
        0.0,
        3.0,
        2.5,
        1e300,
    ),
    *("", "No", "None", "Steady", "250.01", "V45", "E950.1", "428\n", "999.999", "abc"),
    *("unheard of", "ä", "\u2028", "\x00", "%s", '"', "x" * 200, "x" * 201, [], ["No"], {}),
]
TEXTS: list[bytes] = [
    *(b"", b"{", b"null", b"[]", b"{}", b"[" * 5000, b"9" * 5000, b"\xff", b"{'race': 1}"),
    b'{"race": "\\ud800"}',
]


class Counted:
    """An application behind the server; how many requests came as far as to it."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += scope["type"] == "http"
        await self.app(scope, receive, send)


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130"], pod="pod-1", limit=10)


@pytest.fixture
def ordinary(app: FastAPI) -> Counted:
    return Counted(app)


@pytest.fixture
async def port(app: FastAPI, ordinary: Counted, settings: Settings) -> AsyncIterator[int]:
    """The port of a server with the fast path before the application."""
    number = free_port()
    protocol = fast_protocol(app.state.slots, max_bytes=settings.inference_max_bytes)
    config = uvicorn.Config(
        ordinary,
        port=number,
        http=protocol,  # type: ignore[arg-type] # whatever makes one will do
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")
    yield number
    server.should_exit = True
    await serving


@pytest.fixture
async def door(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


def facts(answer: httpx.Response) -> tuple[int, Row, Row]:
    """All of an answer but what is its own."""
    content = answer.json()
    for name in ("prediction_id", "timestamp"):
        content.pop(name, None)
    headers = {name: answer.headers[name] for name in answer.headers if name not in OWN}
    del headers["content-length"]
    return answer.status_code, content, headers


def odd_bodies(example: Row, number: int, seed: int) -> list[bytes]:
    """Bodies of which some are plainly valid rows, and most are not quite."""
    chance = random.Random(seed)  # noqa: S311
    names = [feature.name for feature in dataset_named("diabetes130").features]
    bodies = []
    for _ in range(number):
        row = dict(example)
        for name in chance.sample(names, chance.choice([0, 0, 1, 1, 2])):
            row[name] = chance.choice(VALUES)
        for name in chance.sample(sorted(example), chance.choice([0, 0, 0, 1])):
            row.pop(name, None)
        if chance.random() < 0.05:
            row["age"] = "[70-80)"
        text = json.dumps(row, ensure_ascii=chance.random() < 0.5)
        for old, new in [
            (": 3,", ": 3.0,"),
            (": 3,", ": 3e0,"),
            (": 41,", ": -0,"),
            (", ", " ,\n\t"),
            ('"insulin"', '"ins\\u0075lin"'),
            ('{"', '{"insulin": 5, "'),
            ("}", "} x"),
            ("}", ",}"),
            ("Cardiology", "Cardio\tlogy"),
            ("Cardiology", "\\ud83d\\ude00"),
            ("Cardiology", "\\ud83d"),
            (": 0", ": NaN"),
            (": 0", ": 00"),
            ("{", "\ufeff{"),
        ]:
            if chance.random() < 0.03:
                text = text.replace(old, new, 1)
        bodies.append(text.encode("utf-8", "surrogatepass"))
    return bodies


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))]
)
async def test_whatever_the_body_both_ways_answer_alike(
    door: httpx.AsyncClient,
    client: httpx.AsyncClient,
    ordinary: Counted,
    serve: Serve,
    example: Row,
    seed: int,
) -> None:
    serve()
    too_long = json.dumps(example).encode().ljust(ROW_BYTES + 1)
    bodies = [*TEXTS, too_long[:-1], too_long, *odd_bodies(example, 150, seed)]
    headers = {"content-type": "application/json"}
    statuses = []

    for body in bodies:
        fast = await door.post("/predict", content=body, headers=headers)
        slow = await client.post("/predict", content=body, headers=headers)
        assert facts(fast) == facts(slow), body
        statuses.append(fast.status_code)

    assert 25 < statuses.count(200) < 125
    # those that needed no further look, of both the valid and the odd
    assert 15 < len(bodies) - ordinary.requests <= statuses.count(200)


@pytest.mark.parametrize(
    "path", ["/predict", "/models/diabetes130/predict", "/predict?model_name=diabetes130"]
)
async def test_a_valid_row_does_not_reach_the_framework_and_is_counted_as_if_it_had(
    door: httpx.AsyncClient, ordinary: Counted, serve: Serve, example: Row, path: str
) -> None:
    serve(7)
    route = path.partition("?")[0].replace("diabetes130", "{name}")
    before = await figures(door)

    for _ in range(3):
        answer = await door.post(path, json=example | {"race": "Martian"})
        assert answer.status_code == 200
        assert answer.headers["x-relevo-unseen"] == "race"

    after = await figures(door)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert ordinary.requests == 2
    prediction = answer.json()["prediction"]
    model = 'model="diabetes130"'
    assert {
        grown[f'relevo_inference_requests_total{{{model},route="{route}",status="200"}}'],
        grown[
            f'relevo_inference_request_duration_seconds_count{{{model},route="{route}"}}'
        ],
        grown[f'relevo_inference_unseen_categories_total{{feature="race",{model}}}'],
        grown[
            f'relevo_inference_predictions_total{{{model},model_version="7",'
            f'prediction="{prediction}"}}'
        ],
    } == {3.0}


@pytest.mark.parametrize(
    ("headers", "echoed"),
    [
        ({"content-type": "application/json; charset=utf-8"}, {}),
        ({"x-request-id": "order-7"}, {"x-request-id": "order-7"}),
        ({"x-request-id": "x" * 129, "traceparent": "00"}, {}),
        ({"traceparent": TRACE}, {"traceparent": TRACE}),
    ],
)
async def test_what_proxies_and_other_clients_add_keeps_a_row_on_the_fast_path(
    door: httpx.AsyncClient,
    ordinary: Counted,
    serve: Serve,
    example: Row,
    headers: dict[str, str],
    echoed: dict[str, str],
) -> None:
    serve()

    answers = [
        await door.post("/predict", json=example, headers=each) for each in (headers, {})
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ordinary.requests == 0
    ids = {"x-request-id", "traceparent"} & answers[0].headers.keys()
    assert {name: answers[0].headers[name] for name in ids} == echoed
    assert not {"x-request-id", "traceparent"} & answers[1].headers.keys()


async def figures(door: httpx.AsyncClient) -> dict[str, float]:
    lines = (await door.get("/metrics")).text.splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


async def test_the_model_that_serves_now_answers(
    door: httpx.AsyncClient, serve: Serve, example: Row
) -> None:
    assert (await door.post("/predict", json=example)).status_code == 503
    for version in (1, 2, 1):
        promoted = serve(version, number=version)
        answer = (await door.post("/predict", json=example)).json()
        assert answer["model_version"] == str(version)
        assert answer["probability"] == pytest.approx(promoted.probability, abs=1e-12)


@pytest.mark.parametrize("model", ["pima", "a b&c=d", "%2F?#", '"quoted" {}%s\\'])
async def test_a_model_that_came_later_is_answered_alike_by_both_ways_whatever_its_name(
    door: httpx.AsyncClient,
    client: httpx.AsyncClient,
    ordinary: Counted,
    serve: Serve,
    example: Row,
    model: str,
) -> None:
    serve(1)
    serve(2, model=model)
    name = quote(model, safe="")

    for path in (f"/predict?model_name={name}", f"/models/{name}/predict"):
        fast = await door.post(path, json=example)
        slow = await client.post(path, json=example)
        assert facts(fast) == facts(slow)
        assert fast.json()["model_name"] == model
    assert ordinary.requests == 0
    assert (await door.post("/predict", json=example)).json()["model_version"] == "1"


async def test_a_bug_on_the_fast_path_is_logged_and_the_ordinary_way_answers(
    door: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serve()
    monkeypatch.setattr(ServingModel, "predict_plain", lambda *_: 1 / 0)

    with capture_logs() as logged:
        answer = await door.post("/predict", json=example)

    assert answer.status_code == 200
    assert [line["event"] for line in logged] == ["a bug on the fast path"]


@pytest.mark.parametrize(
    "head",
    [
        "GET /predict HTTP/1.1",
        "POST /predict?model_name=other HTTP/1.1",
        "POST /predict HTTP/1.0",
        "POST /predict HTTP/1.1\r\nconnection: close",
        "POST /predict HTTP/1.1\r\nexpect: 100-continue",
        "POST /predict HTTP/1.1\r\ncontent-encoding: gzip",
        "POST /predict HTTP/1.1\r\ncontent-type: text/plain",
        "POST /predict HTTP/1.1\r\norigin: https://page",
    ],
)
async def test_a_request_that_asks_for_more_takes_the_ordinary_way(
    port: int, ordinary: Counted, serve: Serve, example: Row, head: str
) -> None:
    serve()
    body = json.dumps(example).encode()
    request = f"{head}\r\nhost: pod\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body

    async with connected(port) as (reader, writer):
        writer.write(request)
        await answer_on(reader)

    assert ordinary.requests == 1


async def test_a_body_in_pieces_takes_the_ordinary_way_and_gets_the_same_answer(
    port: int, ordinary: Counted, serve: Serve, example: Row
) -> None:
    serve()
    request = whole(example)
    async with connected(port) as (reader, writer):
        for number, cut in enumerate((20, len(request) - 300, len(request) - 1)):
            writer.write(request[:cut])
            await eventually(lambda: writer.transport.get_write_buffer_size() == 0, "sent")
            await asyncio.sleep(0.05)  # so that the server reads what there is
            writer.write(request[cut:])
            assert (await answer_on(reader))["prediction"] in {0, 1}
            # in the first the head itself was cut, and the body came whole
            assert ordinary.requests == number


async def test_requests_that_come_at_once_are_answered_in_their_order(
    port: int, serve: Serve, example: Row
) -> None:
    serve()
    wrong = example | {"time_in_hospital": 99}
    rows = [example, wrong, example, example, wrong, wrong, example]

    async with connected(port) as (reader, writer):
        writer.write(b"".join(map(whole, rows)))
        answers = [await answer_on(reader) for _ in rows]

    assert ["errors" in answer for answer in answers] == [row is wrong for row in rows]


async def test_bytes_that_are_no_request_are_refused_after_a_fast_answer(
    port: int, serve: Serve, example: Row
) -> None:
    serve()
    async with connected(port) as (reader, writer):
        writer.write(whole(example) + b"no request\r\n\r\n")
        assert (await answer_on(reader))["prediction"] in {0, 1}
        assert (await answer_on(reader))["status"] == 400
        assert await reader.read() == b""


def whole(row: Row) -> bytes:
    body = json.dumps(row).encode()
    return (
        b"POST /predict HTTP/1.1\r\nhost: pod\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%b" % (len(body), body)
    )


@asynccontextmanager
async def connected(
    port: int,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()


async def answer_on(reader: asyncio.StreamReader) -> Row:
    """The next answer on a connection."""
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        if " 100 continue" not in head:
            break
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    content: Row = json.loads(await reader.readexactly(length))
    return content
