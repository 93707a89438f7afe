"""Two classes: figures, threshold, chance."""

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    roc_auc_score,
)

from relevo_datasets import dataset_named
from trainer.judging import binary
from trainer.judging.rule import Rule

RANDOM = np.random.default_rng(3)
Y = (RANDOM.random(500) < 0.2).astype(np.int8)
PROBABILITY = np.clip(0.1 + 0.1 * Y + 0.3 * RANDOM.random(500), 0, 1)
ANSWERS = PROBABILITY[:, None]
RULE = Rule(threshold=0.3)


def test_the_figures_are_scikit_learns() -> None:
    found = {name: each.value for name, each in binary.figures(Y, ANSWERS).items()}

    assert found == pytest.approx(
        {
            "roc_auc": roc_auc_score(Y, PROBABILITY),
            "pr_auc": average_precision_score(Y, PROBABILITY),
            "brier": brier_score_loss(Y, PROBABILITY),
            "log_loss": log_loss(Y, PROBABILITY),
        }
    )


def test_equal_probabilities_count_as_one_threshold() -> None:
    tied = np.round(PROBABILITY, 1)

    assert binary.average_precision(Y, tied).value == pytest.approx(
        average_precision_score(Y, tied)
    )


def test_no_other_threshold_has_a_larger_f1() -> None:
    rounded = np.round(PROBABILITY, 2)

    threshold = binary.rule(Y, rounded[:, None]).threshold

    assert threshold is not None
    best = max(float(f1_score(Y, each <= rounded)) for each in np.unique(rounded))
    assert float(f1_score(Y, threshold <= rounded)) == pytest.approx(best)


def test_every_row_is_in_one_cell_of_the_confusion() -> None:
    (right, false_alarms), (misses, hits) = binary.confusion(Y, ANSWERS, RULE)

    assert (misses + hits, right + false_alarms) == (Y.sum(), (1 - Y).sum())
    assert hits + false_alarms == (PROBABILITY >= 0.3).sum()
    assert binary.rates(Y, ANSWERS, RULE) == {
        "precision": hits / (hits + false_alarms),
        "recall": hits / (hits + misses),
        "specificity": right / (right + false_alarms),
    }


def test_chance_is_one_half_of_the_area() -> None:
    met = binary.against_chance(Y, Y, ANSWERS)

    assert (met.rival, met.figure, met.other) == ("chance", "ROC-AUC", 0.5)
    assert met.value == pytest.approx(roc_auc_score(Y, PROBABILITY))
    assert met.z > 5


def test_it_is_told_in_the_datasets_words() -> None:
    target = dataset_named("diabetes130").targets["<30"]

    assert binary.promise(target).startswith(
        "the probability of “readmitted within 30 days” against"
    )
    assert "0.3000 on the answer is “readmitted" in binary.decision(target, RULE)


@pytest.mark.parametrize(("ones", "rows"), [(3, 30), (7, 60), (27, 240)])
def test_of_few_rows_chance_is_beaten_by_luck_as_rarely_as_of_many(
    ones: int, rows: int
) -> None:
    random = np.random.default_rng(0)
    y = np.zeros(rows, np.int8)
    y[:ones] = 1

    beaten = [
        binary.against_chance(y, y, random.random((rows, 1))).z > 1.96 for _ in range(2_000)
    ]

    assert np.mean(beaten) < 0.035
