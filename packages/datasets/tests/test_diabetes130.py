"""What cleaning makes of encounters, by rows that a person can check."""

import hashlib
from collections.abc import Callable

import pandas as pd
import pytest

from relevo_datasets import COLUMN, GROUP, REASON, ROW_ID, TARGET, Dataset, clean
from relevo_features import Reader

Encounters = Callable[..., pd.DataFrame]
Batches = Callable[[str], list[pd.DataFrame]]

NEVER_BACK = "died or went to a hospice: cannot be readmitted"

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
    frame = clean(diabetes, encounters({"readmitted": "<30"}), "<30").frame

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
    assert diabetes.example == EXAMPLE_REQUEST
    for feature in diabetes.features:
        reader = Reader(feature)
        if feature.name in EXAMPLE_REQUEST:
            assert not reader.is_unseen(reader.read(EXAMPLE_REQUEST[feature.name]))
        else:
            assert not reader.is_unseen(reader.when_absent())


def test_a_question_mark_is_missing_and_the_word_none_is_a_value(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters({"race": "?", "payer_code": None, "diag_2": " ? "})

    row = clean(diabetes, raw, "<30").frame.iloc[0]

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
    cleaned = clean(diabetes, encounters({column: value}), "<30")

    assert cleaned.frame[column].isna().all()
    assert len(cleaned.frame) == 1
    assert cleaned.unseen == {}


@pytest.mark.parametrize("disposition", ["11", "13", "14", "19", "20", "21"])
def test_encounters_that_end_in_death_or_hospice_are_removed_and_counted(
    diabetes: Dataset, encounters: Encounters, disposition: str
) -> None:
    raw = encounters({"discharge_disposition_id": disposition}, {})

    cleaned = clean(diabetes, raw, "<30")

    assert list(cleaned.frame[ROW_ID]) == ["1001"]
    assert cleaned.removed == {NEVER_BACK: 1}
    assert cleaned.quarantined.empty


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("time_in_hospital", "three", "is not a whole number; it takes a whole number"),
        ("time_in_hospital", "nan", "is not a whole number; it takes a whole number"),
        ("num_medications", "inf", "is not a whole number; it takes a whole number"),
        ("num_medications", "2.5", "is not a whole number; it takes a whole number"),
        ("time_in_hospital", "15", "is out of range; it takes a whole number from 1 to 14"),
        ("number_inpatient", "-1", "is out of range; it takes a whole number from 0 to"),
        ("number_diagnoses", "?", "has no value"),
        ("age", None, "has no value"),
        ("age", "[70-79)", "is none of its words; it takes text: [0-10), [10-20), "),
        ("gender", "female", "is none of its words; it takes text: Female, Male"),
        ("insulin", "yes", "is none of its words; it takes text: No, Steady, Up, Down"),
        ("metformin", "Yes", "is none of its words; it takes text: No, Steady, Up, Down"),
        ("change", "Maybe", "is not true or false; it takes true or false"),
        ("admission_type_id", "one", "is not a whole number; it takes a whole number"),
        ("diag_1", "Q12", "has another form; it takes text of the form (?:[0-9]{1,3}|"),
        ("encounter_id", None, "has no value"),
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

    cleaned = clean(diabetes, raw, "<30")

    assert len(cleaned.frame) == 2
    quarantined = cleaned.quarantined.iloc[0]
    assert quarantined[COLUMN] == column
    assert quarantined[REASON].startswith(reason)
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

    cleaned = clean(diabetes, raw, "<30")

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
        {"race": "Martian", "payer_code": "XX"},
    )

    cleaned = clean(diabetes, raw, "<30")

    assert list(cleaned.frame["race"]) == ["Martian", "Martian"]
    assert cleaned.unseen == {
        "race": {"Martian": 2},
        "payer_code": {"XX": 1},
        "admission_source_id": {"99": 1},
    }


def test_whole_numbers_are_read_however_they_are_written(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(
        {"encounter_id": "0012.0", "time_in_hospital": "3.0", "admission_type_id": "01"}
    )

    row = clean(diabetes, raw, "<30").frame.iloc[0]

    assert (row[ROW_ID], row["time_in_hospital"]) == ("12", 3)
    assert row["admission_type_id"] == "1"


def test_the_target_says_which_readmissions_count(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters(*({"readmitted": outcome} for outcome in ("NO", ">30", "<30")))

    assert list(clean(diabetes, raw, "<30").frame[TARGET]) == [0, 0, 1]
    assert list(clean(diabetes, raw, "any").frame[TARGET]) == [0, 1, 1]
    with pytest.raises(KeyError, match="never"):
        clean(diabetes, raw, "never")


def test_the_word_none_that_a_reader_of_tables_made_nothing_of_is_none_again(
    diabetes: Dataset, encounters: Encounters
) -> None:
    as_published = encounters({"A1Cresult": ">7"}, {"max_glu_serum": "Norm"}, {})
    # pandas.read_csv takes "None" for a missing value, and writes nothing for it
    through_pandas = as_published.mask(as_published == "None")

    cleaned = clean(diabetes, through_pandas, "<30")

    assert cleaned.quarantined.empty
    pd.testing.assert_frame_equal(cleaned.frame, clean(diabetes, as_published, "<30").frame)


def test_a_drug_of_which_nothing_is_said_was_not_given(
    diabetes: Dataset, encounters: Encounters
) -> None:
    row = clean(diabetes, encounters({"metformin": None}), "<30").frame.iloc[0]

    assert row["metformin"] == "No"


def test_cleaning_leaves_the_raw_table_as_it_was(
    diabetes: Dataset, encounters: Encounters
) -> None:
    raw = encounters({"race": "?"}, {"time_in_hospital": "x"})
    before = raw.copy(deep=True)

    clean(diabetes, raw, "<30")

    pd.testing.assert_frame_equal(raw, before)


@pytest.mark.slow
def test_of_the_published_encounters_all_are_read_and_2423_removed(
    diabetes: Dataset, shipped_batches: Batches
) -> None:
    rows_in = rows_out = removed = readmitted = 0
    for raw in shipped_batches("diabetes130"):
        cleaned = clean(diabetes, raw, "<30")
        assert cleaned.quarantined.empty
        assert cleaned.unseen == {}
        rows_in += len(raw)
        rows_out += len(cleaned.frame)
        removed += cleaned.removed[NEVER_BACK]
        readmitted += int(cleaned.frame[TARGET].sum())

    assert (rows_in, rows_out, removed) == (101_766, 99_343, 2_423)
    assert readmitted == 11_314


@pytest.mark.slow
def test_the_declaration_cleans_as_the_program_before_it_did(
    diabetes: Dataset, shipped_batches: Batches
) -> None:
    """The digest is of the frame that version 0.1 made, whose cleaning was a program."""
    frame = clean(diabetes, shipped_batches("diabetes130")[0], "<30").frame

    digest = hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()

    assert digest == "16242e13e56da167409620b5f2e3f728b1004a83e939e8c46cfba5e8533dae9f"
