"""The model's inputs are the same for a clean table and for a caller's row."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from relevo_datasets import Dataset, clean
from relevo_datasets.derived import derive, inputs_of, requested
from relevo_features import kind_of

Encounters = Callable[..., pd.DataFrame]


@pytest.fixture
def clean_frame(diabetes: Dataset, encounters: Encounters) -> pd.DataFrame:
    raw = encounters(
        {"diag_1": "428.22", "diag_2": "38", "diag_3": "V45.81"},
        {"diag_1": "?", "diag_2": "038.9", "diag_3": "999.01", "race": "?"},
        {"diag_1": "E999", "admission_type_id": "6", "change": "No"},
    )
    return clean(diabetes, raw, "<30").frame


def test_the_inputs_are_all_features_but_codes_and_then_the_derivations(
    diabetes: Dataset, clean_frame: pd.DataFrame
) -> None:
    inputs = derive(clean_frame, diabetes.meaning)

    features = [f.name for f in diabetes.features if kind_of(f).is_input]
    assert list(inputs) == [*features, *(d.name for d in diabetes.derivations)]
    assert set(inputs.dtypes.astype(str)) == {"float64", "str"}


def test_a_code_becomes_its_group_and_its_category_and_missing_stays_missing(
    diabetes: Dataset, clean_frame: pd.DataFrame
) -> None:
    inputs = derive(clean_frame, diabetes.meaning).fillna("missing")

    assert list(inputs["diag_1_group"]) == ["circulatory", "missing", "other"]
    assert list(inputs["diag_1_head"]) == ["428", "missing", "other"]
    assert list(inputs["diag_2_head"]) == ["038", "038", "250"]
    assert list(inputs["diag_3_group"]) == ["other", "injury", "circulatory"]
    assert list(inputs["diag_3_head"]) == ["V45", "other", "401"]


def test_booleans_and_identifiers_are_text_and_quantities_numbers(
    diabetes: Dataset, clean_frame: pd.DataFrame
) -> None:
    inputs = derive(clean_frame, diabetes.meaning)

    assert list(inputs["change_med"]) == ["true", "true", "false"]
    assert list(inputs["admission_type_id"].fillna("missing")) == ["1", "1", "missing"]
    assert list(inputs["time_in_hospital"]) == [3.0, 3.0, 3.0]
    assert list(inputs["race"].isna()) == [False, True, False]


def test_a_caller_s_types_give_the_same_inputs_as_the_clean_table(
    diabetes: Dataset, clean_frame: pd.DataFrame
) -> None:
    as_sent = clean_frame.astype(object).where(clean_frame.notna(), None)
    as_sent["admission_type_id"] = [1, 1, None]
    as_floats = clean_frame.assign(admission_type_id=[1.0, 1.0, float("nan")])
    expected = derive(clean_frame, diabetes.meaning)

    for frame in (as_sent, as_floats, clean_frame[clean_frame.columns[::-1]]):
        pd.testing.assert_frame_equal(derive(frame, diabetes.meaning), expected)


def test_a_missing_column_is_named(diabetes: Dataset, clean_frame: pd.DataFrame) -> None:
    with pytest.raises(KeyError, match="num_medications"):
        derive(clean_frame.drop(columns="num_medications"), diabetes.meaning)


def test_rows_as_callers_send_them_give_the_inputs_of_the_clean_table(
    diabetes: Dataset, encounters: Encounters, clean_frame: pd.DataFrame
) -> None:
    meaning = diabetes.meaning.model_dump_json()
    raw = encounters(
        {"diag_1": "428.22", "diag_2": "38", "diag_3": "V45.81"},
        {"diag_1": None, "diag_2": "038.9", "diag_3": "999.01", "race": ""},
        {"diag_1": "E999", "admission_type_id": "8.0", "change": "No"},
    )
    expected = derive(clean_frame, diabetes.meaning)

    pd.testing.assert_frame_equal(inputs_of(raw, meaning), expected)
    named = raw.rename(columns={"age": "age_bucket"}).drop(columns=["weight", "metformin"])
    pd.testing.assert_frame_equal(inputs_of(named.assign(id="x"), meaning), expected)


def test_the_public_example_is_a_row_as_callers_send_it(diabetes: Dataset) -> None:
    example = pd.DataFrame([dict(diabetes.example or {})])

    row = requested(example, diabetes.meaning).iloc[0]

    assert (row["admission_type_id"], row["change_med"], row["insulin"]) == (
        "1",
        True,
        "Steady",
    )
    assert row["metformin"] == "No"
    assert pd.isna(row["payer_code"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"gender": "female"}, "row 1: `gender` is none of its words; it takes text"),
        ({"age_bucket": None}, "row 1: `age_bucket` has no value"),
        ({"discharge_disposition_id": 11}, "row 1: `discharge_disposition_id` died or"),
        ({"shoe_size": 43}, "`shoe_size` is no column of the dataset"),
        ({"age": "[70-80)"}, "`age_bucket` has two columns"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_in_words(
    diabetes: Dataset, changes: dict[str, str | int | None], told: str
) -> None:
    example = dict(diabetes.example or {})
    fits = dict.fromkeys(changes, "[70-80)") | example
    rows = pd.DataFrame([fits, fits | changes])

    with pytest.raises(ValueError, match="^" + re.escape(told)):
        requested(rows, diabetes.meaning)


def test_a_required_column_that_lacks_is_named(diabetes: Dataset) -> None:
    example = pd.DataFrame([dict(diabetes.example or {})]).drop(columns="insulin")

    with pytest.raises(ValueError, match="`insulin` is required"):
        requested(example, diabetes.meaning)
