"""The model's inputs are the same for a clean table and for a caller's row."""

from collections.abc import Callable

import pandas as pd
import pytest

from relevo_datasets import Dataset
from relevo_datasets.derived import derive

Encounters = Callable[..., pd.DataFrame]


@pytest.fixture
def clean_frame(diabetes: Dataset, encounters: Encounters) -> pd.DataFrame:
    raw = encounters(
        {"diag_1": "428.22", "diag_2": "38", "diag_3": "V45.81"},
        {"diag_1": "?", "diag_2": "038.9", "diag_3": "999.01", "race": "?"},
        {"diag_1": "Q1", "admission_type_id": "6", "change": "No"},
    )
    return diabetes.clean(raw, "<30").frame


def test_the_inputs_are_all_features_but_codes_and_then_the_derivations(
    diabetes: Dataset, clean_frame: pd.DataFrame
) -> None:
    inputs = derive(clean_frame, "diabetes130")

    features = [f.name for f in diabetes.features if f.kind != "code"]
    assert list(inputs) == [*features, *(d.name for d in diabetes.derivations)]
    assert set(inputs.dtypes.astype(str)) == {"float64", "str"}


def test_a_code_becomes_its_group_and_its_category_and_missing_stays_missing(
    clean_frame: pd.DataFrame,
) -> None:
    inputs = derive(clean_frame, "diabetes130").fillna("missing")

    assert list(inputs["diag_1_group"]) == ["circulatory", "missing", "other"]
    assert list(inputs["diag_1_head"]) == ["428", "missing", "other"]
    assert list(inputs["diag_2_head"]) == ["038", "038", "250"]
    assert list(inputs["diag_3_group"]) == ["other", "injury", "circulatory"]
    assert list(inputs["diag_3_head"]) == ["V45", "other", "401"]


def test_booleans_and_identifiers_are_text_and_quantities_numbers(
    clean_frame: pd.DataFrame,
) -> None:
    inputs = derive(clean_frame, "diabetes130")

    assert list(inputs["change_med"]) == ["true", "true", "false"]
    assert list(inputs["admission_type_id"].fillna("missing")) == ["1", "1", "missing"]
    assert list(inputs["time_in_hospital"]) == [3.0, 3.0, 3.0]
    assert list(inputs["race"].isna()) == [False, True, False]


def test_a_caller_s_types_give_the_same_inputs_as_the_clean_table(
    clean_frame: pd.DataFrame,
) -> None:
    as_sent = clean_frame.astype(object).where(clean_frame.notna(), None)
    as_sent["admission_type_id"] = [1, 1, None]
    as_floats = clean_frame.assign(admission_type_id=[1.0, 1.0, float("nan")])
    expected = derive(clean_frame, "diabetes130")

    for frame in (as_sent, as_floats, clean_frame[clean_frame.columns[::-1]]):
        pd.testing.assert_frame_equal(derive(frame, "diabetes130"), expected)


def test_a_missing_column_and_an_unknown_dataset_are_named(
    clean_frame: pd.DataFrame,
) -> None:
    with pytest.raises(KeyError, match="num_medications"):
        derive(clean_frame.drop(columns="num_medications"), "diabetes130")
    with pytest.raises(KeyError, match="there are: diabetes130"):
        derive(clean_frame, "diabetes131")
