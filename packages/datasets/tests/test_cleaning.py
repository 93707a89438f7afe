"""Cleaning by a declaration alone: rows without ids, numbers as targets, real tables."""

from collections.abc import Callable

import pandas as pd
import pytest

from relevo_datasets import (
    COLUMN,
    GROUP,
    REASON,
    ROW_ID,
    TARGET,
    Dataset,
    clean,
    dataset_named,
)

Declared = Callable[..., Dataset]
Table = Callable[..., pd.DataFrame]
Batches = Callable[[str], list[pd.DataFrame]]

KEYED = ('title = "A small table"', 'title = "s"\nrows = { id = "key" }')
KEYED_KEPT = ("{ id", '{ repeats = "keep", id')


def test_a_regression_s_target_is_a_number(declared: Declared, csv_table: Table) -> None:
    raw = csv_table("key,size,colour,price", "1,2,red,9.75", "2,3,?,-1e3", "3,4,blue,0")

    frame = clean(declared(), raw, "price").frame

    assert list(frame[TARGET]) == [9.75, -1000.0, 0.0]
    assert str(frame[TARGET].dtype) == "float64"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("dear", "is not a number; it takes a number"),
        ("nan", "is not a number; it takes a number"),
        ("", "has no value"),
        ("1e99", "is out of range; it takes a number"),
    ],
)
def test_a_row_whose_target_is_no_number_is_put_aside(
    declared: Declared, csv_table: Table, value: str, reason: str
) -> None:
    raw = csv_table("key,size,colour,price", "1,2,red,9", f"2,3,red,{value}")

    cleaned = clean(declared(), raw, "price")

    assert list(cleaned.frame[TARGET]) == [9.0]
    assert list(cleaned.quarantined[COLUMN]) == ["price"]
    assert list(cleaned.quarantined[REASON]) == [reason]


def test_without_an_id_rows_are_told_apart_by_their_content(
    declared: Declared, csv_table: Table
) -> None:
    rows = ("1,2,red,9", "2,3,red,9", "3,2,red,8")
    one = clean(declared(), csv_table("key,size,colour,price", *rows), "price").frame
    other = csv_table("price,colour,size,key", "9,red,2,other")
    again = clean(declared(), other, "price").frame

    assert one[ROW_ID].nunique() == 3
    assert one[ROW_ID][0] == again[ROW_ID][0], "the same row, in a batch of other order"
    assert one[GROUP][0] == one[GROUP][2], "rows that only the target tells apart"


def test_an_equal_row_is_put_aside_or_kept_as_the_declaration_says(
    declared: Declared, csv_table: Table
) -> None:
    raw = csv_table("key,size,colour,price", "1,2,red,9", "2,2,red,9", "3,2,red,9")
    keeping = ('title = "A small table"', 'title = "s"\nrows = { repeats = "keep" }')

    once, kept = (clean(declared(*c), raw, "price") for c in ((), (keeping,)))

    assert len(once.frame) == 1
    told = once.quarantined.iloc[0]
    assert (told[COLUMN], told[REASON]) == (
        "key",
        "and all other values are those of an earlier row",
    )
    first = once.frame[ROW_ID][0]
    assert list(kept.frame[ROW_ID]) == [first, f"{first}#2", f"{first}#3"]
    assert kept.frame[GROUP].nunique() == 1


def test_an_id_is_any_text_and_a_whole_number_is_written_in_one_way(
    declared: Declared, csv_table: Table
) -> None:
    raw = csv_table("key,size,colour,price", "A-7,2,red,9", "007.0,2,red,9", "7,2,red,9")

    once = clean(declared(KEYED), raw, "price")
    kept = clean(declared(KEYED, KEYED_KEPT), raw, "price")

    assert list(once.frame[ROW_ID]) == ["A-7", "7"]
    assert list(kept.frame[ROW_ID]) == ["A-7", "7", "7#2"]


def test_a_row_without_its_id_is_put_aside(declared: Declared, csv_table: Table) -> None:
    raw = csv_table("key,size,colour,price", "?,2,red,9", " ,2,red,9", "7,2,red,9")

    for changes in ((KEYED,), (KEYED, KEYED_KEPT)):
        cleaned = clean(declared(*changes), raw, "price")

        assert list(cleaned.frame[ROW_ID]) == ["7"]
        assert list(cleaned.quarantined[COLUMN]) == ["key", "key"]
        assert list(cleaned.quarantined[REASON]) == ["has no value"] * 2


def test_a_zero_that_pima_did_not_measure_is_missing(csv_table: Table) -> None:
    pima = dataset_named("pima")
    header = ",".join(pima.raw_columns)
    raw = csv_table(header, "6,148,72,35,0,33.6,0.627,50,1", "0,0,0.0,0,94,0,0.2,21,0")

    frame = clean(pima, raw, "Outcome").frame

    assert list(frame["Insulin"].isna()) == [True, False]
    assert frame.iloc[1][["Glucose", "BloodPressure", "SkinThickness", "BMI"]].isna().all()
    assert list(frame["Pregnancies"]) == [6, 0]
    assert list(frame[TARGET]) == [1, 0]


def test_pima_and_covertype_are_read_to_the_last_row(shipped_batches: Batches) -> None:
    told = {}
    for name, target in (("pima", "Outcome"), ("covertype", "Cover_Type")):
        dataset = dataset_named(name)
        cleaned = [clean(dataset, raw, target) for raw in shipped_batches(name)]
        assert all(each.quarantined.empty and not each.unseen for each in cleaned)
        frame = pd.concat([each.frame for each in cleaned])
        told[name] = len(frame), frame[TARGET].value_counts().sort_index().tolist()

    assert told == {
        "pima": (768, [500, 268]),
        "covertype": (8386, [2118, 2833, 1430, 110, 380, 695, 820]),
    }


def test_a_soil_that_nobody_knows_is_kept_and_an_area_is_not(csv_table: Table) -> None:
    covertype = dataset_named("covertype")
    row = "2421,100,16,150,40,618,245,216,96,1500,{},{},{}"
    raw = csv_table(
        ",".join(covertype.raw_columns),
        row.format("Cache", "C0000", 6),
        row.format("cache", "C2717", 6),
        row.format("Cache", "C2717", 8),
    )

    cleaned = clean(covertype, raw, "Cover_Type")

    assert cleaned.unseen == {"Soil_Type": {"C0000": 1}}
    assert list(cleaned.quarantined[COLUMN]) == ["Wilderness_Area", "Cover_Type"]
    assert list(cleaned.frame[TARGET]) == [5], "the class by its place among the classes"
