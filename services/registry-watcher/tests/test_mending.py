"""What topic, catalog, store or MLflow have lost is mended; no model holds up another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import Envelope, OutageError
from relevo_contracts.registry_notes import Mover
from relevo_contracts.results import Decision
from relevo_storage.fakes import MemoryCatalog

House = Any
DAY = timedelta(days=1)


def mended(what: str) -> float:
    return REGISTRY.get_sample_value("relevo_reconciled_total", {"what": what}) or 0.0


def shown(gauge: str) -> float | None:
    name = f"relevo_registry_watcher_{gauge}"
    return REGISTRY.get_sample_value(name, {"model": "m"})


async def test_a_topic_that_was_emptied_says_again_what_it_said(house: House) -> None:
    for version in ("1", "2"):
        house.registry.alias = version
        await house.look()
    before = mended("promotion")
    last = house.publisher.published[-1]
    house.publisher.records.clear()

    assert await house.look()

    assert house.a_new_pod_serves() == "2"
    assert house.publisher.published[-1] == last  # the same fact: no pod swaps for it
    assert mended("promotion") == before + 1


@pytest.mark.parametrize("spoils", ["tombstone", "rubbish", "an older promotion"])
async def test_a_record_that_compaction_would_leave_in_a_promotions_place_is_replaced(
    house: House, spoils: str
) -> None:
    for version in ("1", "2"):
        house.registry.alias = version
        await house.look()
    first = house.publisher.records[0]
    match spoils:
        case "tombstone":
            house.publisher.write(b"m", None)
        case "rubbish":
            house.publisher.write(b"m", b"{", first.headers)
        case "an older promotion":
            house.publisher.write(b"m", first.value, first.headers)

    await house.look()
    house.publisher.compact()

    assert house.a_new_pod_serves() == "2"
    await house.look()
    assert len(house.promoted) == 3  # and it is told once


async def test_a_model_whose_alias_is_gone_is_told_again_too(house: House) -> None:
    await house.look()
    house.registry.alias = None
    house.publisher.records.clear()

    await house.look()

    assert house.a_new_pod_serves() == "1"


async def test_a_promotion_that_a_dead_watcher_recorded_only_is_published(
    house: House,
) -> None:
    house.publisher.away = True
    with pytest.raises(OutageError):
        await house.look()
    house.publisher.away = False
    house.restart()
    await house.look()

    (entry,) = await house.catalog.promotions("m")
    ((event, envelope),) = house.publisher.published
    assert (envelope.id, event.number) == (entry.event_id, 1)


async def test_promotions_are_numbered_on_whatever_the_topic_has_lost(house: House) -> None:
    for version in ("1", "2"):
        house.registry.alias = version
        await house.look()
    house.publisher.records.clear()
    house.restart()
    house.registry.alias = "1"
    await house.look()

    assert [each.number for each in house.events] == [1, 2, 2, 3]
    orders = [each.order for each in house.events]
    assert orders == sorted(orders)


async def test_promotions_are_numbered_on_when_the_catalog_has_lost_them(
    house: House,
) -> None:
    for version in ("1", "2"):
        house.registry.alias = version
        await house.look()
    house.catalog = MemoryCatalog()
    house.restart()
    house.registry.alias = "1"
    await house.look()

    assert [each.number for each in house.events] == [1, 2, 3]
    assert [each.number for each in await house.catalog.promotions("m")] == [2, 3]


async def test_a_history_that_began_anew_is_newer_than_the_one_that_was_lost(
    house: House,
) -> None:
    for version in ("1", "2", "1"):
        house.registry.alias = version
        await house.look()
    house.catalog = MemoryCatalog()
    house.publisher.records.clear()
    house.restart()
    house.registry.alias = "2"
    await house.look()

    assert house.events[-1].number == 1
    assert house.events[-1].order > house.events[-2].order


async def test_a_clock_that_was_set_back_does_not_turn_the_order_round(
    house: House,
) -> None:
    await house.look()
    told = house.events[0]
    tomorrow = told.model_copy(update={"promoted_at": told.promoted_at + DAY, "number": 2})
    await house.publisher.publish(
        tomorrow, Envelope.of(tomorrow, source="test", cause="a clock that was fast")
    )
    house.registry.alias = "2"
    await house.look()

    assert house.events[-1].model_version == "2"
    assert house.events[-1].order > tomorrow.order


async def test_a_promoted_bundle_that_the_store_has_lost_is_put_back(house: House) -> None:
    await house.look()
    key = house.events[0].bundle.key
    before = mended("bundle")
    house.store.objects.clear()

    await house.look()
    await house.look()

    assert await house.store.get(key) == b"bundle one"
    assert mended("bundle") == before + 1


async def test_a_bundle_that_is_lost_everywhere_is_told_and_is_nothing_else_trouble(
    house: House,
) -> None:
    await house.look()
    house.store.objects.clear()
    house.registry.bundles.clear()

    assert await house.look()

    assert shown("bundle_lost") == 1


@pytest.mark.parametrize(
    "error", [OutageError("500"), FileNotFoundError("the version is gone"), ValueError("x")]
)
async def test_one_models_trouble_holds_up_no_other(house: House, error: Exception) -> None:
    house.registry.others = ["other"]
    house.registry.troubled["m"] = error

    assert not await house.look()

    assert [each.model for each in house.events] == ["other"]
    del house.registry.troubled["m"]
    assert await house.look()
    assert {each.model for each in house.events} == {"m", "other"}


async def test_a_version_that_has_seen_less_than_what_serves_is_held_back(
    house: House,
) -> None:
    """PostgreSQL was lost, and so MLflow: the trainer learns from the first batch on."""
    house.registry.learn("1", batches=4)
    await house.look()
    house.catalog = MemoryCatalog()
    house.restart()
    for batches in (1, 2, 3):
        house.registry.learn(str(batches), batches=batches)
        await house.look()
        await house.nudge()

    assert house.a_new_pod_serves() == "1"
    assert len(house.promoted) == 1
    assert shown("champion_held_back") == 1
    assert [version for version, _ in house.registry.held_back] == ["1", "2", "3"]
    assert "relevo promote m 3" in house.registry.held_back[-1][1]

    house.registry.learn("4", batches=4)
    await house.look()

    assert house.a_new_pod_serves() == "4"
    assert shown("champion_held_back") == 0


async def test_a_version_needs_not_have_seen_batches_that_a_person_rejected(
    house: House,
) -> None:
    house.registry.learn("1", batches=4)
    await house.look()
    for batch in house.events[-1].batches[1:3]:
        await house.catalog.decide(
            Decision(
                batch_id=batch,
                dataset="m",
                decision="rejected",
                who="ana",
                why="the labels were flipped",
                at=datetime.now(UTC),
            )
        )

    house.registry.learn("2", batches=2)
    await house.look()

    assert house.a_new_pod_serves() == "2"


@pytest.mark.parametrize("by", ["person", "rollback"])
async def test_a_person_may_promote_a_version_that_has_seen_less(
    house: House, by: Mover
) -> None:
    house.registry.learn("1", batches=4)
    await house.look()
    house.registry.learn("2", batches=1)
    await house.look()
    assert len(house.promoted) == 1

    house.registry.move("2", by, "I know")
    await house.look()

    assert house.promoted == [("1", None), ("2", "1")]
