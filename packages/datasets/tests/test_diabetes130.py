"""What cleaning makes of encounters, by rows that a person can check."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from relevo_datasets import COLUMN, GROUP, REASON, ROW_ID, TARGET, Dataset
from relevo_datasets.diabetes130 import NEVER_BACK

Encounters = Callable[..., pd.DataFrame]

EXAMPLE_REQUEST: dict[str, str | int | bool] = {
    "race": "Caucasian",
    "gender": "Female",
    "age_bucket": "[70-80)",
    "time_in_hospital": 3,
    "num_lab_procedures": 41,
    "num_procedures": 0,
    "num_medications": 11,
    "number_outpatient": 0,
    "number_emergency": 0,
    "number_inpatient": 0,
    "number_diagnoses": 6,
    "max_glu_serum": "None",
    "a1c_result": "None",
    "insulin": "Steady",
    "change_med": True,
    "diabetes_med": True,
    "diag_1": "428",
    "diag_2": "250.01",
    "diag_3": "401",
    "medical_specialty": "Cardiology",
    "admission_type_id": 1,
    "discharge_disposition_id": 1,
    "admission_source_id": 7,
}
"""A public request of this problem; the platform must answer it exactly as it stands."""


def test_an_encounter_becomes_typed_features_in_the_dataset_s_order(
    diabetes: Dataset, encounters: Encounters
) -> None:
    frame = diabetes.clean(encounters({"readmitted": "<30"}), "<30").frame

    assert list(frame) == [ROW_ID, GROUP, *(f.name for f in diabetes.features), TARGET]
    row = frame.iloc[0].to_dict()
    assert {name: row[name] for name in EXAMPLE_REQUEST} == EXAMPLE_REQUEST | {
        "admission_type_id": "1",
        "discharge_disposition_id": "1",
        "admission_source_id": "7",
    }
    assert (row[ROW_ID], row[GROUP], row[TARGET]) == ("1000", "50", 1)
    assert row["glyburide_metformin"] == "No"
    assert str(frame["time_in_hospital"].dtype) == "int64"
    assert str(frame["change_med"].dtype) == "bool"
    assert str(frame[TARGET].dtype) == "int8"


def test_the_public_example_request_fits_the_features(diabetes: Dataset) -> None:
    for name, value in EXAMPLE_REQUEST.items():
        feature = diabetes.feature(name)
        if feature.is_numeric:
            assert feature.minimum is not None
            assert feature.maximum is not None
            assert feature.minimum <= float(value) <= feature.maximum, name
        elif feature.categories is not None:
            assert str(value) in feature.categories, name
        elif feature.pattern is not None:
            assert re.fullmatch(feature.pattern, str(value)), name
    left_out = [f for f in diabetes.features if f.name not in EXAMPLE_REQUEST]
    assert not [feature.name for feature in left_out if feature.required]
    assert all(f.nullable or f.default in (f.categories or ()) for f in left_out)


def test_a_question_mark_is_missing_and_the_word_none_is_a_value(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters({"race": "?", "payer_code": None, "diag_2": " ? "})

    row = diabetes.clean(raw, "<30").frame.iloc[0]

    assert row[["race", "payer_code", "diag_2"]].isna().all()
    assert row["max_glu_serum"] == row["a1c_result"] == "None"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("admission_type_id", "5"),
        ("admission_type_id", "6"),
        ("admission_type_id", "8"),
        ("discharge_disposition_id", "18"),
        ("discharge_disposition_id", "25"),
        ("discharge_disposition_id", "26"),
        ("admission_source_id", "9"),
        ("admission_source_id", "17.0"),
        ("gender", "Unknown/Invalid"),
    ],
)
def test_a_value_that_says_that_nothing_is_known_is_missing(
    diabetes: Dataset, encounters: Encounters, column: str, value: str
) -> None:
    cleaned = diabetes.clean(encounters({column: value}), "<30")

    assert cleaned.frame[column].isna().all()
    assert len(cleaned.frame) == 1
    assert cleaned.unseen == {}


@pytest.mark.parametrize("disposition", ["11", "13", "14", "19", "20", "21"])
def test_encounters_that_end_in_death_or_hospice_are_removed_and_counted(
    diabetes: Dataset, encounters: Encounters, disposition: str
) -> None:
    raw = encounters({"discharge_disposition_id": disposition}, {})

    cleaned = diabetes.clean(raw, "<30")

    assert list(cleaned.frame[ROW_ID]) == ["1001"]
    assert cleaned.removed == {NEVER_BACK: 1}
    assert cleaned.quarantined.empty


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("time_in_hospital", "three", "is not a number"),
        ("time_in_hospital", "nan", "is not a number"),
        ("num_medications", "inf", "is not a number"),
        ("num_medications", "2.5", "is not a whole number"),
        ("time_in_hospital", "15", "is not between 1 and 14"),
        ("number_inpatient", "-1", "is not between 0 and 366"),
        ("number_diagnoses", "?", "has no value"),
        ("age", None, "has no value"),
        ("change", "Maybe", "is none of Ch, No, Yes"),
        ("admission_type_id", "one", "is not a whole number"),
        ("encounter_id", None, "has no value"),
        ("encounter_id", "A-17", "is not a whole number"),
        ("patient_nbr", "?", "has no value"),
        ("readmitted", "perhaps", "is none of NO, >30, <30"),
        ("readmitted", None, "is none of NO, >30, <30"),
    ],
)
def test_a_row_that_cannot_be_read_is_put_aside_with_its_reason(
    diabetes: Dataset,
    encounters: Encounters,
    column: str,
    value: str | None,
    reason: str,
) -> None:
    raw = encounters({}, {column: value}, {})

    cleaned = diabetes.clean(raw, "<30")

    assert len(cleaned.frame) == 2
    quarantined = cleaned.quarantined.iloc[0]
    assert (quarantined[COLUMN], quarantined[REASON]) == (column, reason)
    pd.testing.assert_frame_equal(
        cleaned.quarantined[list(diabetes.raw_columns)], raw.iloc[[1]]
    )


def test_of_encounters_with_one_id_the_first_that_can_be_read_is_kept(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(
        {"encounter_id": "7", "time_in_hospital": "?"},
        {"encounter_id": "7", "time_in_hospital": "2"},
        {"encounter_id": "7", "time_in_hospital": "4"},
    )

    cleaned = diabetes.clean(raw, "<30")

    assert list(cleaned.frame["time_in_hospital"]) == [2]
    assert list(cleaned.quarantined[REASON]) == [
        "has no value",
        "is that of an earlier row",
    ]


def test_words_that_the_dataset_does_not_know_are_kept_and_counted(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(
        {"race": "Martian", "admission_source_id": "99"},
        {"race": "Martian", "diag_1": "Q12"},
    )

    cleaned = diabetes.clean(raw, "<30")

    assert list(cleaned.frame["race"]) == ["Martian", "Martian"]
    assert cleaned.unseen == {
        "race": {"Martian": 2},
        "diag_1": {"Q12": 1},
        "admission_source_id": {"99": 1},
    }


def test_whole_numbers_are_read_however_they_are_written(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(
        {"encounter_id": "0012.0", "time_in_hospital": "3.0", "admission_type_id": "01"}
    )

    row = diabetes.clean(raw, "<30").frame.iloc[0]

    assert (row[ROW_ID], row["time_in_hospital"]) == ("12", 3)
    assert row["admission_type_id"] == "1"


def test_the_target_says_which_readmissions_count(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(*({"readmitted": outcome} for outcome in ("NO", ">30", "<30")))

    assert list(diabetes.clean(raw, "<30").frame[TARGET]) == [0, 0, 1]
    assert list(diabetes.clean(raw, "any").frame[TARGET]) == [0, 1, 1]
    with pytest.raises(KeyError, match="never"):
        diabetes.clean(raw, "never")


def test_cleaning_leaves_the_raw_table_as_it_was(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters({"race": "?"}, {"time_in_hospital": "x"})
    before = raw.copy(deep=True)

    diabetes.clean(raw, "<30")

    pd.testing.assert_frame_equal(raw, before)


def test_of_the_published_encounters_all_are_read_and_2423_removed(
    diabetes: Dataset, shipped_batches: list[Path]
) -> None:
    rows_in = rows_out = removed = readmitted = 0
    for path in shipped_batches:
        raw = parquet.read_table(path).to_pandas()
        cleaned = diabetes.clean(raw, "<30")
        assert cleaned.quarantined.empty
        assert cleaned.unseen == {}
        rows_in += len(raw)
        rows_out += len(cleaned.frame)
        removed += cleaned.removed[NEVER_BACK]
        readmitted += int(cleaned.frame[TARGET].sum())

    assert (rows_in, rows_out, removed) == (101_766, 99_343, 2_423)
    assert readmitted == 11_314
