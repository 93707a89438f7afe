"""A number: figures, the interval of an answer, chance."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from relevo_contracts import Target
from trainer.judging import regression
from trainer.judging.rule import Rule

RANDOM = np.random.default_rng(6)
Y = 1_000 * RANDOM.gamma(3, 2, 500)
SAID = Y + RANDOM.normal(0, 800, 500)
ANSWERS = SAID[:, None]
TARGET = Target(name="price", column="Price", task="regression")


def test_the_figures_are_scikit_learns() -> None:
    found = {name: each.value for name, each in regression.figures(Y, ANSWERS).items()}

    assert found == pytest.approx(
        {
            "r2": r2_score(Y, SAID),
            "rmse": root_mean_squared_error(Y, SAID),
            "mae": mean_absolute_error(Y, SAID),
        }
    )


def test_the_intervals_are_those_of_a_bootstrap() -> None:
    found = regression.figures(Y, ANSWERS)
    draws = RANDOM.integers(0, Y.size, (400, Y.size))
    for name, score in (("r2", r2_score), ("rmse", root_mean_squared_error)):
        values = [score(Y[rows], SAID[rows]) for rows in draws]
        width = np.percentile(values, 97.5) - np.percentile(values, 2.5)

        assert found[name].high - found[name].low == pytest.approx(width, rel=0.2)


def test_the_unit_of_the_number_is_no_part_of_the_loss() -> None:
    assert regression.losses(Y, ANSWERS) == pytest.approx(
        regression.losses(Y / 1_000, ANSWERS / 1_000)
    )
    assert regression.losses(Y, ANSWERS).mean() == pytest.approx(1 - r2_score(Y, SAID))


def test_nine_of_ten_rows_are_inside_of_the_interval() -> None:
    rule = regression.rule(Y, ANSWERS)

    assert rule.residuals is not None
    assert rule.residuals[0] < 0 < rule.residuals[1]
    assert regression.rates(Y, ANSWERS, rule)["interval_coverage"] == pytest.approx(0.9)


def test_chance_is_the_mean_of_the_train_rows() -> None:
    met = regression.against_chance(Y + 100, Y, ANSWERS)

    assert (met.rival, met.figure) == ("the mean", "R²")
    assert met.other == pytest.approx(r2_score(Y, np.full(500, Y.mean() + 100)))
    assert met.difference == pytest.approx(met.value - met.other)
    assert met.z > 5


def test_a_number_that_never_changes_cannot_be_judged() -> None:
    assert not regression.is_enough(np.full(9, 3.0))
    assert not regression.is_enough(np.array([3.0]))
    assert regression.is_enough(np.array([3.0, 3.5]))


@pytest.mark.parametrize(
    ("residuals", "words"),
    [((-0.25, 0.5), "-0.25 to +0.5 around"), ((-48_910.2, 1e6), "-48,910 to +1,000,000")],
)
def test_the_interval_is_told_in_readable_numbers(
    residuals: tuple[float, float], words: str
) -> None:
    assert words in regression.decision(TARGET, Rule(residuals=residuals))
    assert regression.promise(TARGET) == "the number Price"
