"""ROC-AUCs, their errors, and the paired test."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from trainer.judging.delong import (
    Comparison,
    against,
    against_chance,
    auc_and_error,
    aucs_with_covariance,
)

RANDOM = np.random.default_rng(7)
Y = (RANDOM.random(400) < 0.3).astype(np.int8)
GOOD = Y * 0.8 + RANDOM.random(400)
POOR = Y * 0.2 + RANDOM.random(400)
WITH_TIES = np.round(GOOD, 1)


@pytest.mark.parametrize("scores", [GOOD, POOR, WITH_TIES])
def test_the_area_is_scikit_learns(scores: np.ndarray) -> None:
    assert auc_and_error(Y, scores)[0] == pytest.approx(roc_auc_score(Y, scores))


def test_the_covariance_is_that_of_the_original_definition() -> None:
    scores = np.stack([WITH_TIES, POOR])
    positive, negative = scores[:, Y == 1], scores[:, Y == 0]
    kernel = (positive[:, :, None] > negative[:, None, :]) + 0.5 * (
        positive[:, :, None] == negative[:, None, :]
    )
    v10, v01 = kernel.mean(axis=2), kernel.mean(axis=1)
    expected = np.cov(v10) / positive.shape[1] + np.cov(v01) / negative.shape[1]

    areas, covariance = aucs_with_covariance(Y, scores)

    assert areas == pytest.approx(kernel.mean(axis=(1, 2)))
    assert covariance == pytest.approx(expected)


def test_a_model_does_not_differ_from_itself() -> None:
    comparison = against(Y, GOOD, GOOD)

    assert (comparison.difference, comparison.z, comparison.p) == (0.0, 0.0, 0.5)


def test_a_pair_on_the_same_rows_is_told_apart_better_than_two_strangers() -> None:
    paired = against(Y, GOOD, GOOD + 0.3 * RANDOM.random(400))
    alone = auc_and_error(Y, GOOD)[1]

    assert paired.standard_error < alone


def test_a_rejection_by_chance_is_as_rare_as_promised() -> None:
    random = np.random.default_rng(1)
    rejected = 0
    for _ in range(300):
        y = (random.random(300) < 0.4).astype(np.int8)
        comparison = against(y, y + 2 * random.random(300), y + 2 * random.random(300))
        rejected += comparison.p < 0.05

    assert 3 <= rejected <= 30


def test_a_perfect_separation_beats_chance_by_any_measure() -> None:
    assert against_chance(Y, Y.astype(np.float64)).z == np.inf
    assert Comparison(0.6, 0.5, 0.05).z == pytest.approx(2.0)


def test_one_row_of_a_class_is_too_few() -> None:
    with pytest.raises(ValueError, match="too few"):
        auc_and_error(np.array([1, 0, 0], dtype=np.int8), np.array([0.3, 0.2, 0.1]))
