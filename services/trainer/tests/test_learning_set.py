"""Which rows are learned from."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from relevo_contracts import PoisonError, Task
from relevo_datasets import ROW_ID, TARGET
from trainer.learning.assignment import Table
from trainer.learning.learning_set import LearningSet, assemble, dataset_of

Frames = Callable[[int, int], pd.DataFrame]
AsTable = Callable[..., Table]


def test_all_batches_are_learned_from_and_the_newest_is_known(
    learning: LearningSet,
) -> None:
    assert len(learning.frame) == len(learning.derived) == learning.y.size == 3_000
    assert learning.batches == ("diabetes130-0001", "diabetes130-0002")
    assert set(learning.frame.iloc[learning.newest][ROW_ID].str[0]) == {"2"}
    assert learning.newest.size == 1_500


def test_of_a_repeated_row_the_first_counts(clean_frame: Frames, as_table: AsTable) -> None:
    first, second = clean_frame(600, 1), clean_frame(600, 2)
    second = pd.concat([first.head(10).assign(**{TARGET: 1 - first[TARGET]}), second])
    second[TARGET] = second[TARGET].astype("int8")

    learning = assemble([as_table(first, 1), as_table(second, 2)])

    assert (len(learning.frame), learning.repeats) == (1_200, 10)
    assert learning.y[:10].tolist() == first[TARGET].head(10).tolist()
    assert learning.newest.size == 600


def test_a_batch_of_another_target_is_left_out(
    clean_frame: Frames, as_table: AsTable
) -> None:
    tables = [as_table(clean_frame(600, 1), 1, "any"), as_table(clean_frame(600, 2), 2)]

    learning = assemble(tables)

    assert learning.batches == ("diabetes130-0002",)
    assert (learning.target.name, len(learning.frame)) == ("<30", 600)


def test_rows_of_one_class_teach_nothing(clean_frame: Frames, as_table: AsTable) -> None:
    frame = clean_frame(300, 1)
    frame[TARGET] = pd.Series([0] * 300, dtype="int8")

    with pytest.raises(PoisonError, match=r"0 of .* train rows are 'readmitted within"):
        assemble([as_table(frame, 1)])


@pytest.mark.parametrize(
    ("task", "values"),
    [("binary", {0, 1}), ("multiclass", set(range(7))), ("regression", None)],
)
def test_outcomes_are_places_of_classes_or_numbers(
    tables_of: dict[Task, tuple[Table, ...]], task: Task, values: set[int] | None
) -> None:
    learning = assemble(tables_of[task])

    assert learning.target.task == task
    assert learning.y.dtype == (np.int8 if values else np.float64)
    assert values is None or set(learning.y.tolist()) == values


def test_a_table_says_of_which_dataset_it_is(
    tables_of: dict[Task, tuple[Table, ...]],
) -> None:
    assert {dataset_of(tables[0]).name for tables in tables_of.values()} == {
        "diabetes130",
        "covertype",
        "homes",
    }


def test_what_is_no_clean_table_teaches_nothing() -> None:
    with pytest.raises(PoisonError, match="not a clean table"):
        assemble([Table("diabetes130-0001", "k", "0" * 64, b"text")])
