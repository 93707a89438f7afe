"""A reconciler among fakes: a registry, a topic, a store and a catalog."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from registry_watcher.handlers import Reconciler
from registry_watcher.promotions import Promotions
from registry_watcher.registry import Alias, Champion
from registry_watcher.standing import standing_in
from relevo_bundles.samples import CLASSES
from relevo_contracts import (
    Envelope,
    Event,
    Manifest,
    ModelPromoted,
    PoisonError,
)
from relevo_contracts.manifest import Golden, Lineage, Linear
from relevo_contracts.records import Record
from relevo_contracts.registry_notes import Moved, Mover
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TRACEPARENT = f"00-{'a' * 32}-{'b' * 16}-01"


def read_manifest(content: bytes) -> Manifest:
    if not content.startswith(b"bundle"):
        raise PoisonError("not a bundle")
    count = int(content.split()[-1]) if content[-1:].isdigit() else 1
    batches = tuple(f"d-{number:04d}" for number in range(1, count + 1))
    return Manifest(
        model="m",
        dataset="d",
        task="binary",
        target="t",
        classes=CLASSES,
        algorithm="logistic_regression",
        threshold=0.5,
        features=(),
        inputs=(),
        estimator=Linear(intercept=(0.0,), terms=()),
        metrics={},
        golden=(Golden(row={}, answer=(0.5,)),),
        lineage=Lineage(
            run_id="r",
            batches=batches,
            batch_sha256=("0" * 64,) * count,
            newest_released_at=NOW,
            code_version="c",
            trained_at=NOW,
        ),
    )


class FakeRegistry:
    """A registry whose aliases and bundles the test moves; `m` is its first model."""

    def __init__(self) -> None:
        self.bundles = {"1": b"bundle one", "2": b"bundle two"}
        self.alias: str | None = "1"
        self.tagged = {v: hashlib.sha256(b).hexdigest() for v, b in self.bundles.items()}
        self.refused: list[tuple[str, str]] = []
        self.held_back: list[tuple[str, str]] = []
        self.note: Moved | None = None
        self.others: list[str] = []
        self.troubled: dict[str, Exception] = {}

    async def aliases(self) -> list[Alias]:
        if self.alias is None:
            return []
        note = self.note.model_dump_json() if self.note else None
        moved = Moved.read(note, version=self.alias)
        return [
            Alias(model=name, model_version=self.alias, alias="best", moved=moved)
            for name in ["m", *self.others]
        ]

    async def champion(self, alias: Alias) -> Champion:
        if error := self.troubled.get(alias.model):
            raise error
        return Champion(
            **dict(alias),
            run_id="r",
            bundle_sha256=self.tagged.get(alias.model_version),
            bundle_path=None,
            traceparent=TRACEPARENT,
        )

    def move(self, version: str, by: Mover | None = None, why: str | None = None) -> None:
        """As trainer or command do, or with `by` None as a person does by hand."""
        if by:
            who, at = (None if by == "trainer" else "ana"), datetime.now(UTC)
            self.note = Moved(version=version, by=by, who=who, why=why, at=at)
        self.alias = version

    def learn(self, version: str, *, batches: int) -> None:
        """A version that has seen so many batches; the trainer moves the alias to it."""
        self.bundles[version] = f"bundle {version} {batches}".encode()
        self.tagged[version] = hashlib.sha256(self.bundles[version]).hexdigest()
        self.move(version, "trainer")

    async def bundle(self, champion: Champion) -> bytes:
        try:
            return self.bundles[champion.model_version]
        except KeyError:
            raise FileNotFoundError("no bundle") from None

    async def refuse(self, champion: Champion, reason: str) -> None:
        self.refused.append((champion.model_version, reason))

    async def hold_back(self, champion: Champion, reason: str) -> None:
        self.held_back.append((champion.model_version, reason))

    async def call_back(self, url: str, secret: str) -> str | None:
        raise AssertionError("the reconciler registers no webhook")


@dataclass(frozen=True)
class Written:
    """A record in the topic of this test."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    topic: str = "model.promoted"
    partition: int = 0


class FakeTopic(RecordingPublisher):
    """`model.promoted`, written through the publisher and behind its back."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Written] = []

    async def publish(self, event: Event, envelope: Envelope) -> None:
        await super().publish(event, envelope)
        body, headers = event.model_dump_json().encode(), envelope.to_headers()
        self.write(event.key.encode(), body, headers)

    def write(
        self, key: bytes, value: bytes | None, headers: Sequence[tuple[str, bytes]] = ()
    ) -> None:
        self.records.append(Written(len(self.records), key, value, headers))

    def compact(self) -> None:
        last = {record.key: record for record in self.records}
        self.records = [each for each in last.values() if each.value is not None]

    async def read(self) -> Sequence[Record]:
        return self.records


class House:
    """A reconciler among fakes."""

    def __init__(self) -> None:
        self.registry = FakeRegistry()
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = FakeTopic()
        self.restart()

    def restart(self) -> None:
        self.reconciler = Reconciler(
            self.registry,
            self.store,
            Promotions(self.publisher.read, self.catalog, self.publisher),
            self.catalog,
            read_manifest=read_manifest,
        )

    async def look(self) -> bool:
        """As the timer does."""
        return await self.reconciler.reconcile(anew=True)

    async def nudge(self) -> bool:
        """As a webhook does."""
        return await self.reconciler.reconcile(anew=False)

    @property
    def events(self) -> list[ModelPromoted]:
        return [e for e in self.publisher.events if isinstance(e, ModelPromoted)]

    @property
    def promoted(self) -> list[tuple[str, str | None]]:
        return [(e.model_version, e.previous_version) for e in self.events]

    def a_new_pod_serves(self, model: str = "m") -> str | None:
        """The version that a pod learns of that starts now."""
        told = standing_in(self.publisher.records).newest.get(model)
        return told.event.model_version if told else None


@pytest.fixture
def house() -> House:
    return House()
