"""Figures and their intervals."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss

from trainer.judging.intervals import as_numbers, average_precision, figures

RANDOM = np.random.default_rng(3)
Y = (RANDOM.random(500) < 0.2).astype(np.int8)
PROBABILITY = np.clip(0.1 + 0.1 * Y + 0.3 * RANDOM.random(500), 0, 1)


def test_the_figures_are_scikit_learns() -> None:
    found = figures(Y, PROBABILITY)

    assert found["pr_auc"].value == pytest.approx(average_precision_score(Y, PROBABILITY))
    assert found["brier"].value == pytest.approx(brier_score_loss(Y, PROBABILITY))
    assert found["log_loss"].value == pytest.approx(log_loss(Y, PROBABILITY))


def test_equal_probabilities_count_as_one_threshold() -> None:
    tied = np.round(PROBABILITY, 1)

    assert average_precision(Y, tied).value == pytest.approx(
        average_precision_score(Y, tied)
    )


def test_every_value_is_within_its_interval() -> None:
    assert all(
        each.low < each.value < each.high for each in figures(Y, PROBABILITY).values()
    )


def test_more_rows_make_intervals_smaller() -> None:
    few, many = (
        figures(np.tile(Y, times), np.tile(PROBABILITY, times)) for times in (1, 9)
    )

    assert all(many[n].high - many[n].low < few[n].high - few[n].low for n in few)


def test_certain_errors_cost_much_but_not_everything() -> None:
    assert np.isfinite(figures(Y, np.asarray(1.0 - Y, dtype=np.float64))["log_loss"].value)


def test_numbers_carry_their_interval_in_their_names() -> None:
    assert set(as_numbers({"brier": figures(Y, PROBABILITY)["brier"]}, "test_")) == {
        "test_brier",
        "test_brier_low",
        "test_brier_high",
    }
