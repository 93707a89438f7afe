"""Promotions follow the alias: once, in order, and never without a bundle that fits."""

import hashlib
from datetime import UTC, datetime

import pytest

from registry_watcher.handlers import Reconciler
from registry_watcher.registry import Champion
from relevo_bundles.samples import CLASSES
from relevo_contracts import Manifest, ModelPromoted, OutageError, PoisonError
from relevo_contracts.manifest import Golden, Lineage, Linear
from relevo_contracts.registry_notes import Moved, Mover
from relevo_runtime.fakes import RecordingPublisher
from relevo_storage.fakes import MemoryCatalog, MemoryStore

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TRACEPARENT = f"00-{'a' * 32}-{'b' * 16}-01"


def read_manifest(content: bytes) -> Manifest:
    if not content.startswith(b"bundle"):
        raise PoisonError("not a bundle")
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
            batches=("d-0001",),
            batch_sha256=("0" * 64,),
            newest_released_at=NOW,
            code_version="c",
            trained_at=NOW,
        ),
    )


class FakeRegistry:
    """A registry with one model, whose alias and bundles the test moves."""

    def __init__(self) -> None:
        self.bundles = {"1": b"bundle one", "2": b"bundle two"}
        self.alias: str | None = "1"
        self.tagged = {v: hashlib.sha256(b).hexdigest() for v, b in self.bundles.items()}
        self.refused: list[tuple[str, str]] = []
        self.note: Moved | None = None

    async def champions(self) -> list[Champion]:
        if self.alias is None:
            return []
        return [
            Champion(
                model="m",
                model_version=self.alias,
                alias="best",
                run_id="r",
                bundle_sha256=self.tagged.get(self.alias),
                bundle_path=None,
                traceparent=TRACEPARENT,
                moved=Moved.read(
                    self.note.model_dump_json() if self.note else None, version=self.alias
                ),
            )
        ]

    def move(self, version: str, by: Mover | None = None, why: str | None = None) -> None:
        """As trainer or command do, or with `by` None as a person does by hand."""
        if by:
            who, at = (None if by == "trainer" else "ana"), datetime.now(UTC)
            self.note = Moved(version=version, by=by, who=who, why=why, at=at)
        self.alias = version

    async def bundle(self, champion: Champion) -> bytes:
        try:
            return self.bundles[champion.model_version]
        except KeyError:
            raise FileNotFoundError("no bundle") from None

    async def refuse(self, champion: Champion, reason: str) -> None:
        self.refused.append((champion.model_version, reason))

    async def call_back(self, url: str, secret: str) -> None:
        raise AssertionError("the reconciler registers no webhook")


class House:
    """A reconciler among fakes."""

    def __init__(self) -> None:
        self.registry = FakeRegistry()
        self.store = MemoryStore()
        self.catalog = MemoryCatalog()
        self.publisher = RecordingPublisher()
        self.reconciler = self.restart()

    def restart(self) -> Reconciler:
        self.reconciler = Reconciler(
            self.registry,
            self.store,
            self.catalog,
            self.publisher,
            read_manifest=read_manifest,
        )
        return self.reconciler

    async def read_topic_again(self) -> None:
        for offset, (event, envelope) in enumerate(self.publisher.published):
            assert isinstance(event, ModelPromoted)
            await self.reconciler.remember(event, envelope, offset)

    @property
    def promoted(self) -> list[tuple[str, str | None]]:
        events = [event for event, _ in self.publisher.published]
        assert all(isinstance(event, ModelPromoted) for event in events)
        return [(e.model_version, e.previous_version) for e in events]  # type: ignore[attr-defined]


@pytest.fixture
def house() -> House:
    return House()


async def test_a_champion_is_promoted_once_however_often_one_looks(house: House) -> None:
    await house.reconciler.reconcile()
    await house.reconciler.reconcile()

    assert house.promoted == [("1", None)]
    event, _ = house.publisher.published[0]
    assert isinstance(event, ModelPromoted)
    assert event.alias == "best"
    assert await house.store.get(event.bundle.key) == b"bundle one"


async def test_the_promotion_is_in_the_trace_of_the_training(house: House) -> None:
    await house.reconciler.reconcile()

    ((_, envelope),) = house.publisher.published
    assert envelope.traceparent.split("-")[1] == "a" * 32


async def test_a_moved_alias_relieves_and_going_back_is_the_same_path(house: House) -> None:
    for version in ("1", "2", "1"):
        house.registry.alias = version
        await house.reconciler.reconcile()

    assert house.promoted == [("1", None), ("2", "1"), ("1", "2")]
    ids = {envelope.id for _, envelope in house.publisher.published}
    assert len(ids) == 3
    history = await house.catalog.promotions("m")
    assert [entry.model_version for entry in history] == ["1", "2", "1"]


async def test_a_watcher_that_died_after_publishing_does_not_publish_again(
    house: House,
) -> None:
    await house.reconciler.reconcile()
    house.catalog = MemoryCatalog()  # as if it died before it noted the promotion down
    house.restart()
    await house.read_topic_again()
    await house.reconciler.reconcile()

    assert house.promoted == [("1", None)]
    assert [entry.model_version for entry in await house.catalog.promotions("m")] == ["1"]


@pytest.mark.parametrize(
    ("breakage", "reason"),
    [
        ("no tag", "no tag relevo.bundle_sha256"),
        ("no bundle", "no bundle that can be served"),
        ("another bundle", "has SHA-256"),
        ("not a bundle", "not a bundle"),
    ],
)
async def test_a_version_that_cannot_be_served_is_refused_once_with_the_reason(
    house: House, breakage: str, reason: str
) -> None:
    registry = house.registry
    match breakage:
        case "no tag":
            del registry.tagged["1"]
        case "no bundle":
            del registry.bundles["1"]
        case "another bundle":
            registry.bundles["1"] = b"bundle of another"
        case "not a bundle":
            registry.bundles["1"] = b"rubbish"
            registry.tagged["1"] = hashlib.sha256(b"rubbish").hexdigest()
    await house.reconciler.reconcile()
    await house.reconciler.reconcile()

    assert house.promoted == []
    assert [version for version, _ in registry.refused] == ["1"]
    assert reason in registry.refused[0][1]


async def test_a_refused_version_is_promoted_when_it_was_mended(house: House) -> None:
    good = house.registry.bundles.pop("1")
    await house.reconciler.reconcile()
    house.registry.bundles["1"] = good
    await house.reconciler.reconcile()

    assert house.promoted == [("1", None)]


async def test_without_an_alias_what_serves_goes_on_serving(house: House) -> None:
    await house.reconciler.reconcile()
    house.registry.alias = None
    await house.reconciler.reconcile()

    assert house.promoted == [("1", None)]


async def test_while_kafka_is_away_nothing_counts_as_promoted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OutageError("Kafka is away")

    with monkeypatch.context() as broken:
        broken.setattr(house.publisher, "publish", away)
        with pytest.raises(OutageError):
            await house.reconciler.reconcile()
    await house.reconciler.reconcile()

    assert house.promoted == [("1", None)]


async def test_a_promotion_says_who_moved_the_alias_and_why(house: House) -> None:
    house.registry.move("2", "trainer", "is better than version 1")
    await house.reconciler.reconcile()
    house.registry.move("1", "rollback", "too many false alarms")
    await house.reconciler.reconcile()

    told = [
        (each.model_version, each.moved_by, each.who, each.why)
        for each in await house.catalog.promotions("m")
    ]
    assert told == [
        ("2", "trainer", None, "is better than version 1"),
        ("1", "rollback", "ana", "too many false alarms"),
    ]


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_move_by_hand_is_a_persons_though_an_older_note_names_the_version(
    house: House, restarts: bool
) -> None:
    house.registry.move("2", "trainer", "is better than version 1")
    for version in ("2", "1", "2"):
        house.registry.move(version)
        await house.reconciler.reconcile()
        if restarts:
            house.restart()
            await house.read_topic_again()

    movers = [each.moved_by for each in await house.catalog.promotions("m")]
    assert movers == ["trainer", "person", "person"]
