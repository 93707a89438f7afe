"""A column is read as its values are one by one, whatever type of column they come in."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_datasets import dataset_named, names
from relevo_datasets.reading import read_column, typed, unseen_values
from relevo_features import Reader, Unfit

FEATURES = [feature for name in names() for feature in dataset_named(name).features]

WORDS = [
    *("", " ", "?", " ? ", "None", "null", "NA", "Unknown/Invalid", "[70-80)", "Female"),
    *("female", "Steady", "No", "Yes", "Ch", "true", "0", "0.0", "7", "007", "7.0", "1e1"),
    *("250.01", "V45", "nan", "inf", "-1", "Cache", "MC", "Cardiology", "9" * 20, "é"),
]
NUMBERS = [0, 1, 3, 7, 8, -1, 2**60, 0.0, -0.0, 1.0, 2.5, 148, float("nan"), float("inf")]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(WORDS),
    st.sampled_from(NUMBERS),
    st.text(max_size=5),
    st.integers(-10, 400),
    st.floats(),
)


def one_by_one(feature: Feature, values: list[JsonValue]) -> list[object]:
    """The clean value of each, or its reason in a tuple."""
    reader = Reader(feature)
    read: list[object] = []
    for value in values:
        try:
            read.append(reader.read(value))
        except Unfit as error:
            read.append((str(error),))
    return read


def by_column(feature: Feature, column: pd.Series) -> list[object]:
    clean, unfit, _ = read_column(column, feature)
    read: list[object] = clean.tolist()
    for reason, rows in unfit.items():
        for place in np.flatnonzero(rows):
            assert read[place] is None
            read[place] = (reason.partition("; it takes ")[0],)
    return read


@settings(database=None, derandomize=True, deadline=None, max_examples=200)
@given(feature=st.sampled_from(FEATURES), values=st.lists(VALUES, min_size=1, max_size=8))
def test_a_column_of_anything_is_read_as_its_values_are(
    feature: Feature, values: list[JsonValue]
) -> None:
    read = by_column(feature, pd.Series(values, dtype=object))

    expected = one_by_one(feature, values)
    assert [(v, type(v)) for v in read] == [(v, type(v)) for v in expected]


@settings(database=None, derandomize=True, deadline=None, max_examples=100)
@given(
    feature=st.sampled_from(FEATURES),
    values=st.lists(st.one_of(st.none(), st.sampled_from(WORDS)), min_size=1, max_size=8),
)
def test_a_column_of_text_is_read_as_its_values_are(
    feature: Feature, values: list[JsonValue]
) -> None:
    read = by_column(feature, pd.Series(values, dtype="str"))

    assert read == one_by_one(feature, values)


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float64", "str", "category"])
def test_a_column_of_numbers_is_the_same_in_every_type(dtype: str) -> None:
    pima = dataset_named("pima")

    clean, unfit, _ = read_column(
        pd.Series([0, 148, 700]).astype(pd.api.types.pandas_dtype(dtype)),
        pima.feature("Glucose"),
    )

    assert clean.tolist() == [None, 148, None]
    assert {why: rows.tolist() for why, rows in unfit.items()} == {
        "is out of range; it takes a whole number from 20 to 600, or null": [
            False,
            False,
            True,
        ]
    }


def test_clean_values_get_the_types_of_their_kinds() -> None:
    pima, diabetes = dataset_named("pima"), dataset_named("diabetes130")
    features = [pima.feature("BMI"), pima.feature("Insulin"), pima.feature("Age")]
    features += [diabetes.feature("change_med"), diabetes.feature("race")]
    values = {"BMI": [1, None], "Insulin": [2, None], "Age": [3, 4]}
    values |= {"change_med": [True, False], "race": ["x", None]}

    types = typed(pd.DataFrame(values, dtype=object), features).dtypes.astype(str).tolist()

    assert types == ["float64", "Int64", "int64", "bool", "str"]


def test_true_and_false_are_never_unseen() -> None:
    flag = dataset_named("diabetes130").feature("change_med")
    frame = pd.DataFrame({"change_med": [True, False]})

    assert unseen_values(frame, [flag]) == {}
    assert unseen_values(frame.astype("boolean"), [flag]) == {}


def test_no_word_of_a_dataset_s_own_is_strange_to_it() -> None:
    for feature in FEATURES:
        words = list(feature.categories or ())
        clean, unfit, _ = read_column(pd.Series(words, dtype="str"), feature)
        assert not unfit
        assert unseen_values(pd.DataFrame({feature.name: clean}), [feature]) == {}
        assert not any(re.search(r"^\s|\s$", word) for word in words)
