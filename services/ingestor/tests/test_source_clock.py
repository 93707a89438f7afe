"""When the source is expected to be awake, by the clocks of its own zone."""

from datetime import UTC, datetime

import pytest

from ingestor.source_clock import source_clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Lima is five hours behind UTC all year.
@pytest.mark.parametrize(
    ("now", "wakes"),
    [
        ("2026-03-01 13:54:59", "2026-03-01 13:55"),
        ("2026-03-01 13:55:00", None),
        ("2026-03-02 04:54:59", None),
        ("2026-03-02 04:55:00", "2026-03-02 13:55"),
        ("2026-03-02 05:10:00", "2026-03-02 13:55"),
    ],
)
def test_it_sleeps_from_five_to_midnight_to_five_to_nine_in_lima(
    now: str, wakes: str | None
) -> None:
    clock = source_clock("08:55-23:55 America/Lima")

    assert clock.asleep_until(at(now)) == (at(wakes) if wakes else None)


@pytest.mark.parametrize(
    ("now", "wakes"),
    [
        ("2026-03-01 23:00", None),
        ("2026-03-01 05:59", None),
        ("2026-03-01 06:00", "2026-03-01 22:00"),
    ],
)
def test_a_day_may_go_over_midnight(now: str, wakes: str | None) -> None:
    clock = source_clock("22:00-06:00 UTC")

    assert clock.asleep_until(at(now)) == (at(wakes) if wakes else None)


def test_where_clocks_change_it_wakes_by_the_clock_on_the_wall() -> None:
    clock = source_clock("08:00-20:00 Europe/Madrid")  # summer time began on 29 March

    assert clock.asleep_until(at("2026-03-28 22:00")) == at("2026-03-29 06:00")


def test_without_a_plan_it_is_always_awake() -> None:
    assert source_clock("").asleep_until(at("2026-03-01 03:00")) is None


@pytest.mark.parametrize(
    "plan",
    [
        *("08:55", "8:55-23:55 America/Lima", "08:55-23:55 America/Limo"),
        *("08:55-23:61 America/Lima", "08:55-08:55 America/Lima", "08:55-23:55"),
    ],
)
def test_what_is_no_plan_is_refused_with_an_example(plan: str) -> None:
    with pytest.raises(ValueError, match="no plan as '08:55-23:55 America/Lima'"):
        source_clock(plan)
