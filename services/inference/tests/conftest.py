"""Promotions of small models, and the door of a slot without a broker."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import JsonValue

from inference.app import build_app
from inference.loading import load
from inference.reloading import Reread
from inference.settings import Settings
from inference.slot import Promotion, Slot
from inference.slots import Slots
from inference.sources import Sources
from relevo_bundles import write
from relevo_bundles.samples import NOW, sample_manifest
from relevo_contracts import Envelope, Manifest, ModelPromoted, ObjectRef
from relevo_datasets.diabetes130 import DIABETES130
from relevo_runtime.readiness import Readiness

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
        return self.manifest.golden[0].probability


Promote = Callable[..., Promoted]


@pytest.fixture(scope="session")
def promote() -> Promote:
    """Make the promotion of a version; each version has answers of its own."""

    def make(
        version: int = 1,
        *,
        model: str = "diabetes130",
        offset: int | None = None,
        event: dict[str, object] | None = None,
        manifest: dict[str, object] | None = None,
        content: bytes | None = None,
    ) -> Promoted:
        made = sample_manifest(
            intercept=version / 10,
            features=DIABETES130.features,
            rows=[GOLDEN],
            model=model,
            dataset="diabetes130",
        ).model_copy(update={"example": EXAMPLE, **(manifest or {})})
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
            **(event or {}),
        }
        promoted = ModelPromoted.model_validate(facts)
        envelope = Envelope.of(promoted, source="test", cause=f"version {version}")
        at = version if offset is None else offset
        return Promoted(Promotion(promoted, envelope, at, 0.0), bundle, made)

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
        slot = slots.get(model.name)
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
        assert facts["type"]
        assert facts["title"]
        assert facts["detail"]
        return facts

    return check
