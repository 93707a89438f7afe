"""The champion on rows that just came: what it is worth, and which rows are odd."""

import numpy as np
import pytest

from relevo_contracts.manifest import Interval
from relevo_datasets import dataset_named
from relevo_datasets.dataset import Holding
from trainer.judging.comparison import Answers, Outcomes
from trainer.judging.live import Live, look, oddity

TARGET = dataset_named("diabetes130").targets["<30"]
KINDS = dataset_named("covertype").default_target
TEST = Interval(value=0.68, low=0.66, high=0.70)
ROWS = 14_000


def rows(seed: int = 1, count: int = ROWS) -> tuple[Outcomes, Answers]:
    """What a champion said about rows, whose share and AUC are as of diabetes130."""
    random = np.random.default_rng(seed)
    said = 1 / (1 + np.exp(2.3 - 0.65 * random.normal(size=count)))
    return (random.random(count) < said).astype(np.int8), said[:, None]


def looked(y: Outcomes, answers: Answers, limits: Holding | None = None) -> Live:
    live = look(TARGET, "3", y, answers, test=TEST, limits=limits or Holding())
    assert live is not None
    return live


def odd(y: Outcomes, answers: Answers, limits: Holding | None = None) -> str | None:
    return oddity(looked(y, answers, limits))


@pytest.mark.parametrize("seed", range(6))
def test_an_honest_batch_is_not_odd(seed: int) -> None:
    assert odd(*rows(seed)) is None


def test_flipped_labels_are_odd_by_share_and_by_score() -> None:
    y, answers = rows()

    why = odd(1 - y, answers) or ""

    assert "of the rows are “readmitted within 30 days”, where champion v3 says" in why
    assert "champion v3 has ROC-AUC 0.3" in why


def test_of_two_classes_class_1_is_told_of() -> None:
    assert looked(*rows()).furthest == 1


def test_shuffled_labels_are_odd_by_the_score_alone() -> None:
    y, answers = rows()

    why = odd(np.random.default_rng(0).permutation(y), answers) or ""

    assert why.startswith("champion v3 has ROC-AUC 0.")
    assert "on it, and 0.6800 on its test rows (z -" in why


def test_labels_that_are_not_ripe_are_odd_by_the_share() -> None:
    y, answers = rows()
    late = np.where(np.random.default_rng(0).random(y.size) < 0.5, 0, y).astype(np.int8)

    assert (odd(late, answers) or "").endswith("(more than 1.5 times apart)")


def test_a_share_of_few_rows_is_odd_only_beyond_their_noise() -> None:
    y, answers = rows(count=60)
    y = np.zeros_like(y)
    y[:2] = 1

    live = looked(y, answers)

    assert live.apart(1) > 2
    assert live.beyond_noise(1) < 3
    assert oddity(live) is None


def test_a_dataset_may_declare_other_limits() -> None:
    y, answers = rows()
    shuffled = np.random.default_rng(0).permutation(y)

    assert odd(shuffled, answers, Holding(score=30)) is None
    assert odd(y, answers, Holding(rate=1.0001, score=0.0001)) is not None


def test_of_several_classes_it_counts_how_many_rows_are_of_others() -> None:
    random = np.random.default_rng(2)
    shares = random.dirichlet([4.0] * 7, 2_000)
    y = (random.random((2_000, 1)) > shares.cumsum(axis=1)).sum(axis=1).clip(0, 6)
    swapped = np.where(y > 2, 2, y).astype(np.int8)

    honest = look(KINDS, "1", y.astype(np.int8), shares, test=None, limits=Holding())
    wrong = look(KINDS, "1", swapped, shares, test=None, limits=Holding())

    assert honest
    assert wrong
    assert oddity(honest) is None
    assert "of the rows are of other classes than champion v1 says" in (oddity(wrong) or "")


def test_rows_that_cannot_be_judged_say_nothing() -> None:
    y, answers = rows(count=50)

    assert look(TARGET, "3", np.zeros_like(y), answers, test=TEST, limits=Holding()) is None


def test_probabilities_that_are_right_on_average_are_hardly_off() -> None:
    y, answers = rows()

    assert looked(y, answers).ece < 0.02
    assert looked(y, answers / 2).ece > 0.04
