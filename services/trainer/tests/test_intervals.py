"""Figures and their intervals."""

import numpy as np
import pytest

from relevo_contracts.manifest import Interval
from trainer.judging.intervals import as_numbers, log_losses, mean

VALUES = np.random.default_rng(3).random(500)


def test_a_mean_is_within_its_interval() -> None:
    found = mean(VALUES)

    assert found.value == pytest.approx(VALUES.mean())
    assert found.value - found.low == pytest.approx(
        1.96 * VALUES.std() / 500**0.5, rel=0.01
    )


def test_more_rows_make_intervals_smaller() -> None:
    few, many = mean(VALUES), mean(np.tile(VALUES, 9))

    assert many.high - many.low == pytest.approx((few.high - few.low) / 3, rel=0.01)


def test_certain_errors_cost_much_but_not_everything() -> None:
    assert np.isfinite(log_losses(np.zeros(3))).all()


def test_numbers_carry_their_interval_in_their_names() -> None:
    interval = Interval(value=2.0, low=1.0, high=3.0)

    assert as_numbers({"brier": interval}, "test_") == {
        "test_brier": 2.0,
        "test_brier_low": 1.0,
        "test_brier_high": 3.0,
    }
