"""Several classes: figures, chance, and classes that are rare."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
    recall_score,
    roc_auc_score,
)

from relevo_datasets import dataset_named
from trainer.judging import multiclass
from trainer.judging.rule import Rule

RANDOM = np.random.default_rng(4)
Y = RANDOM.choice(4, 600, p=[0.5, 0.3, 0.15, 0.05]).astype(np.int8)
SURE = RANDOM.dirichlet(np.ones(4), 600) + 0.8 * np.eye(4)[Y]
ANSWERS = SURE / SURE.sum(axis=1, keepdims=True)
SAID = ANSWERS.argmax(axis=1)


def test_the_figures_are_scikit_learns() -> None:
    found = {name: each.value for name, each in multiclass.figures(Y, ANSWERS).items()}

    assert found == pytest.approx(
        {
            "accuracy": accuracy_score(Y, SAID),
            "macro_f1": f1_score(Y, SAID, average="macro"),
            "roc_auc_ovr": roc_auc_score(Y, ANSWERS, multi_class="ovr"),
            "brier": ((ANSWERS - np.eye(4)[Y]) ** 2).sum(axis=1).mean(),
            "log_loss": log_loss(Y, ANSWERS),
        }
    )


def test_a_class_that_the_rows_lack_counts_for_nothing() -> None:
    few = Y != 3
    y, answers = Y[few], ANSWERS[few]

    found = multiclass.figures(y, answers)

    areas = [roc_auc_score(y == place, answers[:, place]) for place in range(3)]
    assert found["roc_auc_ovr"].value == pytest.approx(np.mean(areas))
    assert found["macro_f1"].value == pytest.approx(
        f1_score(y, answers.argmax(axis=1), average="macro")
    )


def test_counts_and_rates_are_scikit_learns() -> None:
    counts = multiclass.confusion(Y, ANSWERS, Rule())

    assert counts == tuple(map(tuple, confusion_matrix(Y, SAID).tolist()))
    assert multiclass.rates(Y, ANSWERS, Rule())["macro_recall"] == pytest.approx(
        recall_score(Y, SAID, average="macro")
    )


def test_chance_are_the_shares_of_the_train_rows() -> None:
    train = np.array([0, 0, 0, 1, 2, 3], dtype=np.int8)
    shares = np.tile([0.5, 1 / 6, 1 / 6, 1 / 6], (600, 1))

    met = multiclass.against_chance(train, Y, ANSWERS)

    assert met.other == pytest.approx((Y == 0).mean())
    losses = ((shares - np.eye(4)[Y]) ** 2).sum(axis=1)
    assert met.difference == pytest.approx((losses - multiclass.losses(Y, ANSWERS)).mean())
    assert met.z > 10
    assert multiclass.against_chance(train, Y, shares).z == 0


def test_rows_can_be_judged_when_two_classes_have_two() -> None:
    assert multiclass.is_enough(np.array([0, 0, 5, 5, 2], dtype=np.int8))
    assert not multiclass.is_enough(np.array([0, 0, 0, 1, 2], dtype=np.int8))


def test_all_classes_are_promised_in_words() -> None:
    promise = multiclass.promise(dataset_named("covertype").default_target)

    assert "“Spruce/Fir”, “Lodgepole Pine”" in promise
