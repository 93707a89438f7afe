"""A live story of a short day, pods that answer as real ones did, and the pages of both."""

import json
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from console.asking.pods import Pods
from console.live.hub import Board
from console.live.telling import LiveStory
from console.pages import events, many_rows, now, predict
from console.pages.guards import Guard
from console.pages.shell import Frame, Shell
from relevo_contracts.results import Stage, Verdict
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact
from relevo_story.telling.samples import happened, result


def day() -> list[Fact]:
    """A batch whose model two pods serve, and one that the cleaner refused."""
    return [
        samples.released(1),
        samples.schedule(3),
        happened(samples.raw(1)),
        happened(samples.clean(1)),
        result(Stage.TRAINED, 1, Verdict.PROMOTED, after=8.0, seconds=5.0),
        happened(samples.promoted("1", 1)),
        happened(samples.served("pod-1", "1", 1)),
        happened(samples.served("pod-2", "1", 1), offset=1),
        samples.released(2),
        result(Stage.CLEAN, 2, Verdict.REFUSED, after=2, seconds=1, reason="<b>odd</b>"),
        samples.buried(2, "<b>odd</b>"),
    ]


@pytest.fixture
def live_of() -> Callable[[Iterable[Fact]], LiveStory]:
    """A story that was told these facts."""

    def told(facts: Iterable[Fact]) -> LiveStory:
        live = LiveStory([samples.DATASET])
        for fact in facts:
            live.take(fact)
        return live

    return told


@pytest.fixture
def live(live_of: Callable[[Iterable[Fact]], LiveStory]) -> LiveStory:
    return live_of(day())


def is_never_over() -> bool:
    return False


PIMA: dict[str, Any] = json.loads((Path(__file__).parent / "model_pima.json").read_text())
"""What a real pod told at GET /models/pima."""


class FakePods:
    """Pods behind one transport: `away` do not answer, `version` is that of all others.

    rows: what was sent, row by row. refusal, batch: instead of the usual answers.
    """

    told = PIMA
    urls = ("http://pod-1", "http://pod-2")

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.version = "1"
        self.rows: list[dict[str, Any]] = []
        self.refusal: httpx.Response | None = None
        self.batch = httpx.Response(500)
        self.bodies: list[tuple[httpx.Request, bytes]] = []
        self.unseen: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host in self.away:
            raise httpx.ConnectError("connection refused", request=request)
        if request.url.path == "/models":
            return httpx.Response(200, json={"models": [{"model_name": "pima"}]})
        if request.url.path == "/models/pima":
            pod = {"pod": request.url.host, "model_version": self.version}
            return httpx.Response(200, json=PIMA | pod)
        if request.url.path == "/models/pima/predict":
            self.rows.append(json.loads(await request.aread()))
            return self.refusal or httpx.Response(200, json=self.answer())
        if request.url.path == "/predict_batch":
            self.bodies.append((request, await request.aread()))
            return self.batch
        detail = f"there is no model {request.url.path[8:]!r} here; there is pima"
        return httpx.Response(404, json={"status": 404, "detail": detail})

    def answer(self) -> dict[str, Any]:
        return {
            "prediction": 1,
            "label": "diabetes within five years",
            "probability": 0.75,
            "model_name": "pima",
            "model_version": self.version,
            "timestamp": "2026-11-30T13:37:09.016Z",
            "prediction_id": "01a22cac-7398-72a8-8574-5fe99b7031db",
            "unseen": self.unseen,
        }


@pytest.fixture
def fake_pods() -> FakePods:
    return FakePods()


@pytest.fixture
async def client(live: LiveStory, fake_pods: FakePods) -> AsyncIterator[httpx.AsyncClient]:
    """The pages of that day below a prefix; nothing else runs."""
    shell = Shell("/relevo")
    app = FastAPI()
    app.include_router(now.routes(shell, live, Board("now"), is_never_over))
    app.include_router(events.routes(shell, live, "127.0.0.1:1", is_never_over))
    asking = httpx.AsyncClient(transport=httpx.MockTransport(fake_pods))
    pods = Pods(asking, fake_pods.urls)
    guard = Guard(base="/relevo")
    app.include_router(predict.routes(shell, pods, guard))
    app.include_router(many_rows.routes(pods, guard))
    app.add_middleware(Frame, base="/relevo")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client
