"""Promotions follow the alias: once, in order, and never without a bundle that fits."""

import hashlib
from typing import Any

import pytest

from relevo_contracts import ModelPromoted, OutageError
from relevo_storage.fakes import MemoryCatalog

House = Any


async def test_a_champion_is_promoted_once_however_often_one_looks(house: House) -> None:
    await house.look()
    await house.look()

    assert house.promoted == [("1", None)]
    event, _ = house.publisher.published[0]
    assert isinstance(event, ModelPromoted)
    assert event.alias == "best"
    assert await house.store.get(event.bundle.key) == b"bundle one"


async def test_the_promotion_is_in_the_trace_of_the_training(house: House) -> None:
    await house.look()

    ((_, envelope),) = house.publisher.published
    assert envelope.traceparent.split("-")[1] == "a" * 32


async def test_a_moved_alias_relieves_and_going_back_is_the_same_path(house: House) -> None:
    for version in ("1", "2", "1"):
        house.registry.alias = version
        await house.look()

    assert house.promoted == [("1", None), ("2", "1"), ("1", "2")]
    ids = {envelope.id for _, envelope in house.publisher.published}
    assert len(ids) == 3
    history = await house.catalog.promotions("m")
    assert [entry.model_version for entry in history] == ["1", "2", "1"]


async def test_a_watcher_that_died_after_publishing_does_not_publish_again(
    house: House,
) -> None:
    await house.look()
    house.catalog = MemoryCatalog()  # as if it died before it noted the promotion down
    house.restart()
    await house.look()

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
    await house.look()
    await house.look()

    assert house.promoted == []
    assert [version for version, _ in registry.refused] == ["1"]
    assert reason in registry.refused[0][1]


async def test_a_refused_version_is_promoted_when_it_was_mended(house: House) -> None:
    good = house.registry.bundles.pop("1")
    await house.look()
    house.registry.bundles["1"] = good
    await house.look()

    assert house.promoted == [("1", None)]


async def test_without_an_alias_what_serves_goes_on_serving(house: House) -> None:
    await house.look()
    house.registry.alias = None
    await house.look()

    assert house.promoted == [("1", None)]


async def test_while_kafka_is_away_nothing_counts_as_promoted(house: House) -> None:
    house.publisher.away = True
    with pytest.raises(OutageError):
        await house.look()
    house.publisher.away = False
    await house.look()

    assert house.promoted == [("1", None)]


async def test_a_promotion_says_who_moved_the_alias_and_why(house: House) -> None:
    house.registry.move("2", "trainer", "is better than version 1")
    await house.look()
    house.registry.move("1", "rollback", "too many false alarms")
    await house.look()

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
        await house.look()
        if restarts:
            house.restart()

    movers = [each.moved_by for each in await house.catalog.promotions("m")]
    assert movers == ["trainer", "person", "person"]
