"""A live story of a short day, pods that answer as real ones did, and the pages of both."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
from fastapi import FastAPI
from pyarrow import parquet
from pydantic import JsonValue

from console.asking.pods import Pods
from console.live.hub import Board
from console.live.telling import LiveStory
from console.pages import (
    batch,
    batches,
    data,
    events,
    many_rows,
    models,
    now,
    predict,
    version,
)
from console.pages.guards import Guard
from console.pages.shell import Frame, Links, Shell
from console.querying.desk import Desk
from console.querying.questions import Opening
from console.reading.drifts import Drifts
from console.reading.readers import Readers
from console.reading.registry import Registered
from relevo_bundles.samples import sample_manifest
from relevo_bundles.writing import write
from relevo_contracts import ObjectRef
from relevo_contracts.manifest import Reference
from relevo_contracts.results import Promotion, Stage, StageResult, Verdict
from relevo_storage.fakes import MemoryCatalog, MemoryStore
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


NOWHERE = Opening(
    catalog_url="", endpoint_url="", access_key="", secret_key="", bucket="", datasets=()
)


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
    app.include_router(data.routes(shell, Desk(NOWHERE), guard, ["my-set"]))
    app.add_middleware(Frame, base="/relevo")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client


VISITS = Reference(
    rows=30, missing=0, unknown=0, counts=(10, 10, 10), edges=(1.0, 3.0), psi_noise=0.05
)
WORDS = Reference(
    rows=30, missing=6, unknown=0, counts=(12, 12, 0), words=("No", "Up"), psi_noise=0.05
)


def put(store: MemoryStore, prefix: str, content: bytes, suffix: str) -> ObjectRef:
    sha256 = hashlib.sha256(content).hexdigest()
    store.objects[f"{prefix}/{sha256}{suffix}"] = content
    return ObjectRef(key=f"{prefix}/{sha256}{suffix}", sha256=sha256, size=len(content))


def as_parquet(columns: Mapping[str, Sequence[object]]) -> bytes:
    file = BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def catalog() -> MemoryCatalog:
    return MemoryCatalog()


@pytest.fixture
def mlflow() -> MemoryStore:
    """The cards of versions as objects, by model and version: it may be away too."""
    card = b"# A card\n\n<script>alert(1)</script> [x](javascript:alert(1))"
    found = MemoryStore()
    found.objects = {f"{samples.DATASET}/{number}": card for number in (1, 2)}
    return found


@pytest.fixture
def readers(store: MemoryStore, catalog: MemoryCatalog, mlflow: MemoryStore) -> Readers:
    @asynccontextmanager
    async def open_store() -> AsyncIterator[MemoryStore]:
        yield store

    @asynccontextmanager
    async def open_history() -> AsyncIterator[MemoryCatalog]:
        yield catalog

    async def read_version(model: str, number: str) -> Registered | None:
        key = f"{model}/{number}"
        if not await mlflow.exists(key):
            return None
        return Registered((await mlflow.get(key)).decode(), "0a1b", "7")

    return Readers(open_store, open_history, Drifts(open_store), read_version)


@pytest.fixture
async def facts(store: MemoryStore, catalog: MemoryCatalog) -> list[Fact]:
    """The catalog's facts of these batches; the objects are put into the store."""
    manifest = sample_manifest().model_copy(
        update={"reference": {"visits": VISITS, "insulin": WORDS}}
    )
    bundle = put(store, f"bundles/{samples.DATASET}", write(manifest, {}), ".zip")
    found: list[Fact] = []
    for number, visits in ((1, [0, 2, 4]), (2, [4, 5, 6])):
        found += [samples.released(number), raw_of(number), clean_of(number, visits, store)]
        found += [trained_of(number)]
        found.append(happened(samples.promoted(str(number), number), offset=number))
        await catalog.record_promotion(promotion_of(number, bundle.sha256))
    return found


def raw_of(number: int) -> StageResult:
    statistics: dict[str, JsonValue] = {
        "source_sha256": "5" * 64,
        "source_url": "http://source",
    }
    made = result(Stage.RAW, number, after=0.5, seconds=0.1, statistics=statistics)
    return made.model_copy(update={"table": samples.OBJECT})


def clean_of(number: int, visits: list[int], store: MemoryStore) -> StageResult:
    """Thirty clean rows, two that were put aside, and the report that says so."""
    insulin = ["No", "Up", None, "Up", "No"] * 6
    table = as_parquet({"visits": visits * 10, "insulin": insulin})
    put_aside = as_parquet({"age": ["<i>x</i>"]})
    statistics: dict[str, JsonValue] = {
        "rows_in": 33,
        "rows_out": 30,
        "rows_removed": 1,
        "rows_quarantined": 2,
        "target_rate": 0.25,
        "report": put(store, "reports", json.dumps(REPORT).encode(), "").key,
        "quarantine": put(store, "quarantine", put_aside, "").key,
        "missing_shares": {"insulin": 0.2, "visits": 0.0},
        "unknown_shares": {"insulin": 0.0, "visits": 0.0},
    }
    made = result(Stage.CLEAN, number, after=2.0, seconds=1.0, statistics=statistics)
    return made.model_copy(update={"table": put(store, "clean", table, ".parquet")})


REPORT = {
    "target": "<30",
    "rows_in": 33,
    "rows_out": 30,
    "removed": {"gone": 1},
    "quarantined": [
        {"column": "age", "reason": "is odd", "rows": 2, "examples": ["<i>x</i>"]}
    ],
    "columns": {"insulin": {"missing": 6, "unseen": {"<i>y</i>": 2}}},
}


def trained_of(number: int) -> StageResult:
    statistics: dict[str, JsonValue] = {
        "figure": "roc_auc",
        "test": 0.6 + number / 100,
        "live": 0.61,
        "algorithm": "lightgbm",
        "model_version": str(number),
        "batches": [samples.batch_id(n) for n in range(1, number + 1)],
        "intervals": {"roc_auc": {"value": 0.6, "low": 0.5, "high": 0.7}},
        "candidates": [{"algorithm": "lightgbm", "figure": 0.6, "seconds": 2}],
    }
    return result(
        Stage.TRAINED,
        number,
        Verdict.PROMOTED,
        after=8.0,
        seconds=5.0,
        reason=f"is reason {number}",
        statistics=statistics,
    )


def promotion_of(number: int, bundle_sha256: str) -> Promotion:
    return Promotion(
        event_id=str(number),
        model=samples.DATASET,
        model_version=str(number),
        previous_version=None,
        bundle_sha256=bundle_sha256,
        batches=(samples.batch_id(1),),
        promoted_at=samples.at(number, 8.9),
    )


@pytest.fixture
async def reader(
    readers: Readers, facts: list[Fact], live_of: Callable[[Iterable[Fact]], LiveStory]
) -> AsyncIterator[httpx.AsyncClient]:
    """The pages that read what is kept."""
    shell = Shell("/relevo", Links("http://mlflow", None, "http://traces"))
    app = FastAPI()
    for page in (batches, batch, models, version):
        app.include_router(page.routes(shell, live_of(facts), readers))
    app.add_middleware(Frame, base="/relevo")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://console") as client:
        yield client
