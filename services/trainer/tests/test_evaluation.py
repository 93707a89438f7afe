"""Curves, thresholds, slices and importance."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from trainer.judging.evaluation import (
    best_threshold,
    calibration,
    confusion,
    permutation_importance,
    slices,
)

RANDOM = np.random.default_rng(5)
Y = (RANDOM.random(600) < 0.3).astype(np.int8)
PROBABILITY = np.round(0.2 * Y + 0.6 * RANDOM.random(600), 2)


def test_no_other_threshold_has_a_larger_f1() -> None:
    def f1(threshold: float) -> float:
        return float(f1_score(Y, threshold <= PROBABILITY))

    best = f1(best_threshold(Y, PROBABILITY))

    assert best == pytest.approx(max(map(f1, np.unique(PROBABILITY))))


def test_every_row_is_in_one_cell_of_the_confusion() -> None:
    counts = confusion(Y, PROBABILITY, 0.4)

    assert counts.true_positive + counts.false_negative == Y.sum()
    assert counts.true_positive + counts.false_positive == (PROBABILITY >= 0.4).sum()
    assert sum(vars(counts).values()) == Y.size


def test_calibration_goes_from_the_lowest_tenth_to_the_highest() -> None:
    bins = calibration(Y, PROBABILITY)

    assert sum(each.rows for each in bins) == Y.size
    assert [b.predicted for b in bins] == sorted(b.predicted for b in bins)
    mean = sum(each.observed * each.rows for each in bins) / Y.size
    assert mean == pytest.approx(Y.mean())


def test_a_slice_is_told_of_when_it_has_rows_of_both_classes() -> None:
    race = np.where(np.arange(600) < 300, "A", "B").astype(object)
    race[:20] = "rare"
    race[20:200] = None
    frame = pd.DataFrame({"race": pd.Series(race, dtype="str")})

    found = {s.value: s.rows for s in slices(frame, ["race"], Y, PROBABILITY, 0.4)}

    assert found == {"A": 100, "B": 300, "missing": 180}


def test_the_input_that_the_answer_hangs_on_is_the_most_important() -> None:
    matrix = np.column_stack([RANDOM.random(600), PROBABILITY, RANDOM.random(600)])

    found = permutation_importance(
        lambda m: m[:, 1], matrix, Y, ["noise", "signal", "more"]
    )

    assert next(iter(found)) == "signal"
    assert found["signal"] > 0.1
    assert found["noise"] == 0
