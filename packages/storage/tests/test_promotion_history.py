"""What every PromotionHistory does: the port's suite, for the fake and the real one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from relevo_contracts.results import Announcement, Promotion
from relevo_storage import PromotionHistory

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


@pytest.fixture
def history(catalog: PromotionHistory) -> PromotionHistory:
    return catalog


def promotion(model: str, version: int, *, at: datetime = NOW) -> Promotion:
    return Promotion(
        event_id=f"{model}/{version}",
        model=model,
        model_version=str(version),
        previous_version=str(version - 1) if version > 1 else None,
        bundle_sha256="0" * 64,
        batches=tuple(f"batch-{n:04d}" for n in range(1, version + 1)),
        promoted_at=at,
    )


def numbered(*entries: Promotion) -> list[Promotion]:
    """As the catalog keeps them."""
    return [
        entry.model_copy(update={"number": number})
        for number, entry in enumerate(entries, 1)
    ]


async def test_promotions_come_back_in_the_order_in_which_they_were_recorded(
    history: PromotionHistory, model: str
) -> None:
    told = [
        promotion(model, 1, at=NOW),
        promotion(model, 3, at=NOW - timedelta(days=1)),  # a clock that was set back
        promotion(model, 2, at=NOW),
    ]
    for entry in told:
        await history.record_promotion(entry)

    assert await history.promotions(model) == numbered(*told)


async def test_the_same_event_is_one_promotion_and_keeps_its_place(
    history: PromotionHistory, model: str
) -> None:
    first, second = promotion(model, 1), promotion(model, 2)
    for entry in (first, second, first):
        await history.record_promotion(entry)

    assert await history.promotions(model) == numbered(first, second)


async def test_racers_with_the_same_event_leave_one_promotion(
    history: PromotionHistory, model: str
) -> None:
    await asyncio.gather(
        *(history.record_promotion(promotion(model, 1)) for _ in range(20))
    )

    assert await history.promotions(model) == numbered(promotion(model, 1))


async def test_a_model_sees_its_own_promotions_only_and_all_are_there_together(
    history: PromotionHistory, model: str
) -> None:
    other = promotion(f"{model}-other", 1)
    await history.record_promotion(other)

    assert await history.promotions(model) == []
    assert numbered(other)[0] in await history.promotions()


async def test_who_moved_the_alias_and_why_is_kept(
    history: PromotionHistory, model: str
) -> None:
    moved = {"moved_by": "rollback", "who": "ana", "why": "too many false alarms"}
    back = promotion(model, 1).model_copy(update=moved)
    await history.record_promotion(back)

    assert await history.promotions(model) == numbered(back)


async def test_a_promotion_is_kept_with_the_next_number_and_the_same_event_keeps_its_own(
    history: PromotionHistory, model: str
) -> None:
    first, second = promotion(model, 1), promotion(model, 2)

    kept = [await history.record_promotion(each) for each in (first, second, first)]

    assert [each.number for each in kept] == [1, 2, 1]


async def test_a_number_that_the_topic_knows_is_kept_and_counted_on(
    history: PromotionHistory, model: str
) -> None:
    known = promotion(model, 1).model_copy(update={"number": 57})
    await history.record_promotion(known)
    await history.record_promotion(promotion(model, 2))

    assert [each.number for each in await history.promotions(model)] == [57, 58]


async def test_each_models_last_promotion_is_found_with_its_event(
    history: PromotionHistory, model: str
) -> None:
    event = Announcement(envelope={"id": "e"}, body={"model": model})
    last = promotion(model, 2).model_copy(update={"announcement": event})
    for entry in (promotion(model, 1), last, promotion(f"{model}-other", 1)):
        await history.record_promotion(entry)

    found = {entry.model: entry for entry in await history.last_promotions()}

    assert found[model] == last.model_copy(update={"number": 2})
    assert found[f"{model}-other"].model_version == "1"
