"""The paired test that verdicts rest on."""

import numpy as np
import pytest

from trainer.judging.comparison import Comparison, paired

RANDOM = np.random.default_rng(7)


def compared(difference: float, standard_error: float) -> Comparison:
    return Comparison("chance", "ROC-AUC", 0.6, 0.5, difference, standard_error)


def test_a_model_does_not_differ_from_itself() -> None:
    losses = RANDOM.random(400)

    same = compared(*paired(losses, losses))

    assert (same.difference, same.z, same.p) == (0.0, 0.0, 0.5)


def test_the_smaller_loss_is_the_better_by_its_mean_in_standard_errors() -> None:
    losses, others = RANDOM.random(400), RANDOM.random(400) + 0.1
    u = others - losses

    better = compared(*paired(losses, others))

    assert better.difference == pytest.approx(u.mean())
    assert better.z == pytest.approx(u.mean() / (u.std(ddof=1) / 20))
    assert compared(*paired(others, losses)).z == pytest.approx(-better.z)


def test_a_pair_on_the_same_rows_is_told_apart_better_than_two_strangers() -> None:
    losses = RANDOM.random(400)
    others = losses + 0.1 * RANDOM.random(400)

    assert paired(losses, others)[1] < losses.std() / 20


def test_a_rejection_by_chance_is_as_rare_as_promised() -> None:
    random = np.random.default_rng(1)
    rejected = sum(
        compared(*paired(random.random(300), random.random(300))).p < 0.05
        for _ in range(300)
    )

    assert 3 <= rejected <= 30


def test_a_difference_without_any_noise_is_beyond_any_measure() -> None:
    assert compared(0.1, 0.0).z == np.inf
    assert compared(-0.1, 0.0).z == -np.inf
