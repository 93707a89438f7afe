"""What every PromotionHistory does: the port's suite, for the fake and the real one."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from relevo_contracts.results import Promotion
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

    assert await history.promotions(model) == told


async def test_the_same_event_is_one_promotion_and_keeps_its_place(
    history: PromotionHistory, model: str
) -> None:
    first, second = promotion(model, 1), promotion(model, 2)
    for entry in (first, second, first):
        await history.record_promotion(entry)

    assert await history.promotions(model) == [first, second]


async def test_racers_with_the_same_event_leave_one_promotion(
    history: PromotionHistory, model: str
) -> None:
    await asyncio.gather(
        *(history.record_promotion(promotion(model, 1)) for _ in range(20))
    )

    assert await history.promotions(model) == [promotion(model, 1)]


async def test_a_model_sees_its_own_promotions_only_and_all_are_there_together(
    history: PromotionHistory, model: str
) -> None:
    other = promotion(f"{model}-other", 1)
    await history.record_promotion(other)

    assert await history.promotions(model) == []
    assert other in await history.promotions()


async def test_who_moved_the_alias_and_why_is_kept(
    history: PromotionHistory, model: str
) -> None:
    moved = {"moved_by": "rollback", "who": "ana", "why": "too many false alarms"}
    back = promotion(model, 1).model_copy(update=moved)
    await history.record_promotion(back)

    assert await history.promotions(model) == [back]
