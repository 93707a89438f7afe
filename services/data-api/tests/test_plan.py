"""The release plan depends on epoch, interval and now alone."""

from datetime import UTC, datetime, timedelta

import pytest

from data_api.plan import Plan

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PLAN = Plan(epoch=EPOCH, interval=timedelta(seconds=300), total=3)


@pytest.mark.parametrize(
    ("seconds", "released"),
    [(-1, 0), (0, 1), (299.999999, 1), (300, 2), (600, 3), (900, 3), (10**9, 3)],
)
def test_one_more_batch_is_released_every_interval(seconds: float, released: int) -> None:
    assert PLAN.released(EPOCH + timedelta(seconds=seconds)) == released


def test_nothing_is_due_after_the_last_batch() -> None:
    assert PLAN.next_due(EPOCH + timedelta(seconds=599)) == EPOCH + timedelta(seconds=600)
    assert PLAN.next_due(EPOCH + timedelta(seconds=600)) is None


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1 / 3, 20, 300])
def test_what_is_due_at_a_moment_is_released_at_that_moment(seconds: float) -> None:
    plan = Plan(epoch=EPOCH, interval=timedelta(seconds=seconds), total=50)

    for number in range(1, 51):
        assert plan.released(plan.due(number)) == number
        before = plan.due(number) - timedelta(microseconds=1)
        assert plan.released(before) == number - 1
        assert plan.next_due(before) == plan.due(number)


def test_what_joins_late_is_not_released_before_it_was_there() -> None:
    joined = EPOCH + timedelta(seconds=1000)
    plan = Plan(EPOCH, timedelta(seconds=300), total=5, late={4: joined, 5: joined})

    assert plan.released(EPOCH + timedelta(seconds=999)) == 3
    assert plan.next_due(EPOCH + timedelta(seconds=999)) == plan.due(4) == joined
    assert plan.released(joined) == 4
    assert plan.due(5) == EPOCH + timedelta(seconds=1200)
