"""A table is checked as the platform takes it: cut into batches, each past the gate."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from relevo_contracts import PoisonError
from relevo_datasets import Dataset, Source
from relevo_datasets.quality.checking import Checked, Problem, batches_of, check_table

Encounters = Callable[..., pd.DataFrame]
Row = dict[str, str | None]


@pytest.fixture
def checked(diabetes: Dataset, encounters: Encounters) -> Callable[..., Checked]:
    """(rows that differ, by place) -> what becomes of 400 rows, in batches of 200."""

    def check(differing: dict[int, Row], most_problems: int = 10) -> Checked:
        rows: list[Row] = [
            {"readmitted": "<30" if n % 5 == 0 else "NO", **differing.get(n, {})}
            for n in range(400)
        ]
        table = pa.Table.from_pandas(encounters(*rows), preserve_index=False)
        dataset = replace(diabetes, source=Source(batch_rows=200))
        return check_table(dataset, [table], most_problems=most_problems)

    return check


def test_a_table_in_which_all_is_well_passes(checked: Callable[..., Checked]) -> None:
    told = checked({})

    assert (told.batches, told.rows, told.readable, told.quarantined) == (2, 400, 400, 0)
    assert told.classes == {"0": 320, "1": 80}
    assert not told.refusals
    assert not told.problems


def test_rows_that_cannot_be_read_are_told_by_place_with_what_may_be_meant(
    checked: Callable[..., Checked],
) -> None:
    told = checked({7: {"gender": "female"}, 250: {"time_in_hospital": "99"}})

    assert told.problems == [
        Problem(
            7,
            "gender",
            "female",
            "is none of its words; did you mean 'Female'?; it takes text: Female, Male,"
            " or null",
        ),
        Problem(
            250,
            "time_in_hospital",
            "99",
            "is out of range; it takes a whole number from 1 to 14",
        ),
    ]
    assert told.readable == 398
    assert not told.refusals, "one row in 200 may be unreadable"


def test_equal_faults_of_several_batches_are_one(checked: Callable[..., Checked]) -> None:
    told = checked({n: {"age": "80"} for n in (1, 2, 201)}, most_problems=2)

    (fault,) = told.faults.values()
    assert (fault.column, fault.rows, fault.examples) == ("age", 3, ("80",))
    assert [problem.row for problem in told.problems] == [1, 2]
    assert told.quarantined == 3


def test_a_batch_that_the_gate_would_refuse_is_told_by_number(
    checked: Callable[..., Checked],
) -> None:
    told = checked({n: {"insulin": "yes"} for n in range(300, 320)})

    assert list(told.refusals) == [2]
    assert "20 of 200 rows (10.0%) cannot be read" in told.refusals[2]


def test_words_that_nobody_knows_are_counted_and_may_be_too_many(
    checked: Callable[..., Checked],
) -> None:
    told = checked({n: {"race": "ASIAN"} for n in range(200, 300)})

    race = told.columns["race"]
    assert (race.unknown, race.unseen, race.nearest) == (100, {"ASIAN": 100}, "Asian")
    assert "nobody knows" in told.refusals[2]


def test_rows_outside_of_the_task_are_counted_by_reason(
    checked: Callable[..., Checked],
) -> None:
    told = checked({n: {"discharge_disposition_id": "11"} for n in range(5)})

    assert told.outside == {"died or went to a hospice: cannot be readmitted": 5}
    assert told.readable == 400
    assert told.classes.total() == 395


def test_missing_values_are_counted_by_feature(checked: Callable[..., Checked]) -> None:
    told = checked({n: {"race": "?"} for n in range(40)})

    assert told.columns["race"].missing == 40


def test_no_more_batches_are_looked_at_than_are_asked_for(
    declared: Callable[..., Dataset], csv_table: Callable[..., pd.DataFrame]
) -> None:
    lines = [f"{n},{n},red,{n}" for n in range(1, 400)]
    table = pa.Table.from_pandas(csv_table("key,size,colour,price", *lines))
    dataset = replace(declared(), source=Source(batch_rows=150))

    told = check_table(dataset, [table], most_batches=2)

    assert (told.batches, told.rows) == (2, 300)


def test_another_table_is_refused(diabetes: Dataset) -> None:
    with pytest.raises(PoisonError, match="not a table of diabetes130: missing columns"):
        check_table(diabetes, [pa.table({"x": ["1"]})])


def test_a_repeated_row_without_ids_is_told(
    declared: Callable[..., Dataset], csv_table: Callable[..., pd.DataFrame]
) -> None:
    lines = [f"{n},{n},red,{n}" for n in range(1, 150)]
    frame = csv_table("key,size,colour,price", *lines, "7,7,red,7")

    told = check_table(declared(), [pa.Table.from_pandas(frame, preserve_index=False)])

    (problem,) = told.problems
    assert problem.row == 149
    assert problem.reason == "and all other values are those of an earlier row"


@pytest.mark.parametrize("chunks", [[10], [3, 3, 4], [1] * 10, [4, 0, 6]])
def test_rows_are_cut_as_a_source_cuts_them(chunks: list[int]) -> None:
    def parts() -> Iterator[pa.Table]:
        start = 0
        for rows in chunks:
            yield pa.table({"x": pa.array(range(start, start + rows), pa.int64())})
            start += rows

    cut = [table["x"].to_pylist() for table in batches_of(parts(), 4)]

    assert cut == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_no_rows_are_no_batch() -> None:
    assert list(batches_of([], 4)) == []
    assert list(batches_of([pa.table({"x": []})], 4)) == []


@pytest.mark.slow
def test_the_shipped_rows_pass_the_gate(
    diabetes: Dataset, shipped_batches: Callable[[str], list[pd.DataFrame]], tmp_path: Path
) -> None:
    first, second, *_ = shipped_batches("diabetes130")
    tables = (pa.Table.from_pandas(raw, preserve_index=False) for raw in (first, second))

    told = check_table(diabetes, tables)

    assert (told.batches, told.rows, told.quarantined) == (2, 30_000, 0)
    assert not told.refusals
