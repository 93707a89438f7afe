"""Every task has all that learning, judging and drawing ask of it."""

from typing import get_args

import numpy as np
import pytest

from relevo_contracts import PoisonError, Target, Task
from relevo_contracts.statistics import FIGURES
from relevo_datasets import dataset_named
from trainer.judging.tasks import TASKS, check
from trainer.learning.candidates import CANDIDATES
from trainer.learning.training import Trained
from trainer.recording.plots import PANELS

NUMBER = Target(name="price", column="price", task="regression")
every_task = pytest.mark.parametrize("task", get_args(Task))


def test_nobody_forgets_a_task() -> None:
    assert set(get_args(Task)) == set(TASKS) == set(CANDIDATES) == set(PANELS)


@every_task
def test_the_leading_figure_stands_first_and_every_figure_has_words(
    trained_of: dict[Task, Trained], task: Task
) -> None:
    metrics = trained_of[task].challenger.evaluation.metrics

    assert next(iter(metrics)) == TASKS[task].FIGURE
    assert set(metrics) <= set(FIGURES)


@every_task
def test_every_figure_is_within_its_interval_and_the_leading_one_is_itself(
    trained_of: dict[Task, Trained], task: Task
) -> None:
    result = trained_of[task]
    y = result.learning.y[result.learning.rows("test")]
    metrics = result.challenger.evaluation.metrics

    assert all(each.low < each.value < each.high for each in metrics.values())
    assert TASKS[task].leading(y, result.challenger.test) == metrics[TASKS[task].FIGURE]


@every_task
def test_what_was_learned_is_beyond_chance(
    trained_of: dict[Task, Trained], task: Task
) -> None:
    assert trained_of[task].verdict.is_promoted
    assert trained_of[task].verdict.comparison.z > 3


def test_train_rows_must_have_every_class_twice() -> None:
    target = dataset_named("covertype").default_target
    y = np.array([0, 1, 2, 3, 4, 5, 6] * 2, dtype=np.int8)

    check(target, "train", y, is_learned=True)
    with pytest.raises(PoisonError, match=r"1 of 13 train rows are 'Spruce/Fir'"):
        check(target, "train", y[1:], is_learned=True)


def test_a_rare_class_may_be_absent_from_the_rows_that_judge() -> None:
    target = dataset_named("covertype").default_target

    check(target, "test", np.array([0, 0, 1, 1], dtype=np.int8), is_learned=False)
    with pytest.raises(PoisonError, match="3 different values of 'Cover_Type', or too few"):
        check(target, "test", np.array([0, 1, 2], dtype=np.int8), is_learned=False)


def test_a_number_must_vary() -> None:
    check(NUMBER, "train", np.array([1.0, 2.0]), is_learned=True)
    with pytest.raises(PoisonError, match="1 different values of 'price'"):
        check(NUMBER, "train", np.array([1.0, 1.0]), is_learned=True)
