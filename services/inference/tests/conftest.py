"""Promotions of small models, a door without a broker, and pods as processes."""

import asyncio
import hashlib
import os
import sys
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import JsonValue

from inference.app import build_app
from inference.door.reloading import Reread
from inference.duty.announcing import Announcer
from inference.duty.loading import load
from inference.duty.slot import Promotion, Slot
from inference.duty.slots import Slots
from inference.duty.sources import Sources
from inference.duty.swapping import swap_all
from inference.handlers import build_handler
from inference.settings import Settings
from relevo_bundles import write
from relevo_bundles.samples import NOW, sample_manifest
from relevo_contracts import (
    Envelope,
    Feature,
    Manifest,
    ModelPromoted,
    ModelServed,
    ObjectRef,
    OutageError,
    Topic,
)
from relevo_datasets import dataset_named
from relevo_local.places.addresses import S3Address
from relevo_local.places.ports import free_port
from relevo_runtime.fakes import RecordingPublisher
from relevo_runtime.http.life import background
from relevo_runtime.http.readiness import Readiness
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.testing import Probe, eventually, open_probe
from relevo_storage import MinioStore, open_store
from relevo_storage.fakes import MemoryStore

DIABETES130 = dataset_named("diabetes130")
EXAMPLE = dict(DIABETES130.example or {})
GOLDEN = {each.name: each.default for each in DIABETES130.features} | EXAMPLE


@dataclass(frozen=True)
class Promoted:
    """A promotion, and the bundle that it names."""

    promotion: Promotion
    content: bytes
    manifest: Manifest

    @property
    def probability(self) -> float:
        """What the model answers to the example."""
        return self.manifest.golden[0].answer[0]


Promote = Callable[..., Promoted]


def manifest_of(
    version: int, model: str, features: Sequence[Feature], row: dict[str, JsonValue]
) -> Manifest:
    """Each version has answers of its own."""
    return sample_manifest(
        intercept=version / 10,
        features=features,
        rows=[row],
        model=model,
        dataset="diabetes130",
    )


@cache
def usual_manifest(version: int, model: str) -> Manifest:
    """Of diabetes130."""
    return manifest_of(version, model, DIABETES130.features, GOLDEN)


@pytest.fixture(scope="session")
def promote() -> Promote:
    """Make the promotion of a version; each version has answers of its own."""

    def make(
        version: int = 1,
        *,
        model: str = "diabetes130",
        features: Sequence[Feature] = DIABETES130.features,
        row: dict[str, JsonValue] = GOLDEN,
        number: int | None = None,
        event: dict[str, object] | None = None,
        manifest: dict[str, object] | None = None,
        content: bytes | None = None,
    ) -> Promoted:
        if row is GOLDEN and features is DIABETES130.features:
            plain = usual_manifest(version, model)
        else:
            plain = manifest_of(version, model, features, row)
        made = plain.model_copy(
            update={
                "example": EXAMPLE if row is GOLDEN else row,
                "row_id": DIABETES130.rows.id,
                "ignored": DIABETES130.ignored,
                "outside": DIABETES130.outside if row is GOLDEN else (),
                **(manifest or {}),
            }
        )
        bundle = write(made, {}) if content is None else content
        sha256 = hashlib.sha256(bundle).hexdigest()
        key = f"bundles/{model}/{sha256}.zip"
        facts: dict[str, object] = {
            "model": model,
            "model_version": str(version),
            "dataset": "diabetes130",
            "bundle": ObjectRef(key=key, sha256=sha256, size=len(bundle)),
            "signature_sha256": made.signature_sha256,
            "run_id": "0" * 32,
            "batches": ("diabetes130-0001",),
            "released_at": NOW,
            "promoted_at": NOW,
            "number": version if number is None else number,
            **(event or {}),
        }
        promoted = ModelPromoted.model_validate(facts)
        envelope = Envelope.of(promoted, source="test", cause=f"version {version}")
        return Promoted(Promotion(promoted, envelope, 0.0), bundle, made)

    return make


@pytest.fixture
def slots() -> Slots:
    return Slots(["diabetes130"], pod="pod-1")


@pytest.fixture
def slot(slots: Slots) -> Slot:
    return slots.default


@pytest.fixture
def sources() -> Sources:
    return Sources()


@pytest.fixture
def readiness() -> Readiness:
    """Of a pod that has reached the broker."""
    readiness = Readiness()
    readiness.is_ready()
    return readiness


@pytest.fixture
def settings() -> Settings:
    return Settings(
        s3_access_key="key",
        s3_secret_key="secret",
        inference_max_bytes=100_000,
        inference_max_rows=100,
    )


@pytest.fixture
def reread() -> Reread:
    """A broker on which nothing has changed."""

    async def nothing() -> None:
        return

    return nothing


@pytest.fixture
def app(
    settings: Settings,
    slots: Slots,
    readiness: Readiness,
    sources: Sources,
    reread: Reread,
) -> FastAPI:
    """The door of the slots, without what fills them."""

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        yield

    return build_app(settings, slots, readiness, sources, running, reread)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    # errors that nobody foresaw are answered with 500, as over a socket
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://pod") as client:
        yield client


@pytest.fixture
def serve(slots: Slots, promote: Promote) -> Callable[..., Promoted]:
    """Let a version answer at once."""

    def put(version: int = 1, **changes: object) -> Promoted:
        promoted = promote(version, **changes)
        model = load(promoted.content, promoted.promotion.event)
        slot = slots.of_promoted(model.name)
        assert slot is not None
        slot.serve(model, promoted.promotion, now=0.0)
        return promoted

    return put


@pytest.fixture
def example() -> dict[str, JsonValue]:
    return dict(EXAMPLE)


@pytest.fixture
def is_problem() -> Callable[[httpx.Response, int], dict[str, Any]]:
    """Holds that an answer is a whole problem of that status; gives its facts."""

    def check(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        facts: dict[str, Any] = answer.json()
        assert facts["status"] == status
        assert all(facts[name] for name in ("type", "title", "detail"))
        return facts

    return check


class AskedStore(MemoryStore):
    """A MemoryStore that counts how often it was asked, and is away for some keys."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.keys_away: set[str] = set()

    async def get(self, key: str) -> bytes:
        self.asked += 1
        if key in self.keys_away:
            raise OutageError("the store of this test is away for this key")
        return await super().get(key)


@dataclass
class Duty:
    """All of a pod but its broker: `hear` is what the broker would call."""

    slots: Slots
    store: AskedStore = field(default_factory=AskedStore)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        announcer = Announcer(self.publisher, service="inference")
        swaps = swap_all(self.slots, self.store, announcer.announce)
        async with background(announcer.run(), swaps):
            yield

    async def hear(self, promoted: Any, *, stored: bool = True) -> None:
        told = promoted.promotion
        if stored:
            self.store.objects[told.event.bundle.key] = promoted.content
        await build_handler(self.slots)(told.event, told.envelope, 0)

    @property
    def facts(self) -> list[ModelServed]:
        return [event for event in self.publisher.events if isinstance(event, ModelServed)]

    @property
    def slot(self) -> Slot:
        return self.slots.default

    @property
    def version(self) -> str | None:
        return self.slot.serving.model.version if self.slot.serving else None

    async def told(self, number: int) -> ModelServed:
        await eventually(lambda: len(self.facts) >= number, f"{number} announcements")
        return self.facts[number - 1]


@pytest.fixture
async def pod(slots: Slots) -> AsyncIterator[Duty]:
    """Behind the door of `client`."""
    async with (pod := Duty(slots)).running():
        yield pod


@dataclass
class Pod:
    """A running process and a client of it."""

    process: Process
    client: httpx.AsyncClient

    async def version(self) -> str | None:
        with suppress(httpx.TransportError):
            version: str | None = (await self.client.get("/health")).json()["model_version"]
            return version
        return None

    async def serves(self, version: int) -> None:
        async def is_so() -> bool:
            return await self.version() == str(version)

        await eventually(is_so, f"the pod serves version {version}", seconds=60)


async def answers(client: httpx.AsyncClient) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get("/health")).status_code == 200
    return False


@dataclass
class World:
    """The broker, the store, and a model that only this test has."""

    environment: Mapping[str, str]
    store: MinioStore
    probe: Probe
    model: str
    promote: Promote

    async def promotes(self, version: int, **changes: Any) -> Any:
        """The registry-watcher's part: the bundle is stored, then told."""
        own = {"model": self.model, "number": uuid.uuid1().time}  # it grows
        promoted = self.promote(version, **own | changes)
        event = promoted.promotion.event
        await self.store.put(event.bundle.key, promoted.content)
        await self.probe.send(event, cause=uuid.uuid4().hex)
        return promoted

    async def served(self) -> list[tuple[ModelServed, Envelope]]:
        """What the pods of this model have announced."""
        records = await self.probe.records(Topic.MODEL_SERVED)
        return [
            (fact, Envelope.from_headers(each.headers))
            for each in records
            if (fact := ModelServed.model_validate_json(each.value)).model == self.model
        ]

    @asynccontextmanager
    async def pod(
        self, name: str, *, at: int | None = None, **changes: str
    ) -> AsyncIterator[Pod]:
        """A pod as a process, for as long as the block lasts."""
        port = at or free_port()
        environment = {**self.environment, "INFERENCE_POD": name, "HTTP_PORT": str(port)}
        command = (sys.executable, "-m", "inference")
        process = await asyncio.create_subprocess_exec(*command, env=environment | changes)
        url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20) as client:
                pod = Pod(process, client)
                await eventually(lambda: answers(client), "the pod lives", seconds=60)
                yield pod
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def world(
    kafka: str, s3: S3Address, promote: Promote, tmp_path: Path
) -> AsyncIterator[World]:
    await create_topics(kafka)
    model = f"m-{uuid.uuid4().hex[:12]}"
    environment = {
        "PATH": os.defpath,
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "INFERENCE_MODELS": model,
    }
    async with open_store(s3.settings) as store, open_probe(kafka) as probe:
        yield World(environment, store, probe, model, promote)
