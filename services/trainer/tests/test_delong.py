"""The ROC-AUC and its error."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from trainer.judging.delong import auc_and_error

RANDOM = np.random.default_rng(7)
Y = RANDOM.random(400) < 0.3
GOOD = Y * 0.8 + RANDOM.random(400)
POOR = Y * 0.2 + RANDOM.random(400)
WITH_TIES = np.round(GOOD, 1)


@pytest.mark.parametrize("scores", [GOOD, POOR, WITH_TIES])
def test_the_area_is_scikit_learns(scores: np.ndarray) -> None:
    assert auc_and_error(Y, scores)[0] == pytest.approx(roc_auc_score(Y, scores))


@pytest.mark.parametrize("scores", [POOR, WITH_TIES])
def test_the_error_is_that_of_the_original_definition(scores: np.ndarray) -> None:
    positive, negative = scores[Y], scores[~Y]
    kernel = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    v10, v01 = kernel.mean(axis=1), kernel.mean(axis=0)
    variance = v10.var(ddof=1) / positive.size + v01.var(ddof=1) / negative.size

    assert auc_and_error(Y, scores) == pytest.approx((kernel.mean(), variance**0.5))


def test_a_perfect_separation_has_no_error() -> None:
    assert auc_and_error(Y, Y.astype(np.float64)) == (1.0, 0.0)


def test_one_row_of_a_class_is_too_few() -> None:
    with pytest.raises(ValueError, match="too few"):
        auc_and_error(np.array([True, False, False]), np.array([0.3, 0.2, 0.1]))
