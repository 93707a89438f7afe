"""Calibration, slices and importance."""

import numpy as np
import pandas as pd
import pytest

from relevo_contracts import Feature
from trainer.judging import binary, regression
from trainer.judging.evaluation import calibration, permutation_importance, slices
from trainer.judging.rule import Rule

RANDOM = np.random.default_rng(5)
Y = (RANDOM.random(600) < 0.3).astype(np.int8)
PROBABILITY = np.round(0.2 * Y + 0.6 * RANDOM.random(600), 2)
ANSWERS = PROBABILITY[:, None]
RULE = Rule(threshold=0.4)
RACE = Feature(name="race", kind="category", raw_name="race", description="", nullable=True)
AGE = Feature(name="age", kind="integer", raw_name="age", description="", nullable=True)


def test_calibration_goes_from_the_lowest_tenth_to_the_highest() -> None:
    bins = calibration(*binary.said_and_came(Y, ANSWERS))

    assert sum(each.rows for each in bins) == Y.size
    assert [b.said for b in bins] == sorted(b.said for b in bins)
    mean = sum(each.came * each.rows for each in bins) / Y.size
    assert mean == pytest.approx(Y.mean())


def test_a_slice_is_told_of_when_it_has_rows_of_both_classes() -> None:
    race = np.where(np.arange(600) < 300, "A", "B").astype(object)
    race[:20] = "rare"
    race[20:200] = None
    frame = pd.DataFrame({"race": pd.Series(race, dtype="str")})

    found = slices(binary, frame, [RACE], Y, ANSWERS, RULE)

    assert {s.value: s.rows for s in found} == {"A": 100, "B": 300, "missing": 180}
    b = next(each for each in found if each.value == "B")
    assert b.came == pytest.approx(Y[300:].mean())
    assert b.said == pytest.approx(PROBABILITY[300:].mean())
    assert b.rates == binary.rates(Y[300:], ANSWERS[300:], RULE)


def test_a_quantity_is_sliced_at_its_quartiles_the_lowest_first() -> None:
    age = pd.Series([*range(20, 120)] * 6, dtype="Int64").sort_values(ignore_index=True)
    age[:120] = pd.NA
    frame = pd.DataFrame({"age": age})

    found = slices(binary, frame, [AGE], Y, ANSWERS, RULE)

    assert [(s.value, s.rows) for s in found] == [
        ("40 to 59", 120),
        ("60 to 79", 120),
        ("80 to 99", 120),
        ("100 to 119", 120),
        ("missing", 120),
    ]


@pytest.mark.parametrize("value", [7, pd.NA])
def test_a_quantity_without_two_values_is_one_slice(value: object) -> None:
    frame = pd.DataFrame({"age": pd.Series([value] * 600, dtype="Int64")})

    found = slices(binary, frame, [AGE], Y, ANSWERS, RULE)

    assert [each.rows for each in found] == [600]


def test_the_input_that_the_answer_hangs_on_is_the_most_important() -> None:
    matrix = np.column_stack([RANDOM.random(600), PROBABILITY, RANDOM.random(600)])

    found = permutation_importance(
        binary, lambda m: m[:, 1:2], matrix, Y, ["noise", "signal", "more"]
    )

    assert next(iter(found)) == "signal"
    assert found["signal"] > 0.1
    assert found["noise"] == 0


def test_importance_is_what_the_tasks_own_figure_loses() -> None:
    y = RANDOM.normal(size=600)
    matrix = np.column_stack([y, RANDOM.random(600)])

    found = permutation_importance(regression, lambda m: m[:, :1], matrix, y, ["y", "x"])

    assert found["y"] == pytest.approx(2, abs=0.3)
    assert found["x"] == 0
