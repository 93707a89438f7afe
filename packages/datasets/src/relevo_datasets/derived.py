"""The model's inputs, made of clean features; runs inside the registered pipeline."""

import numpy as np
import pandas as pd

from relevo_contracts import Feature
from relevo_datasets import dataset_named
from relevo_datasets.dataset import Derivation


def derive(frame: pd.DataFrame, dataset_name: str) -> pd.DataFrame:
    """The table of model inputs: every feature that is no code, then the derivations.

    Takes clean features, one row per case and in any order of columns. Quantities come
    out as float64; all else as text: a boolean as "true" or "false", an identifier as
    its whole number. What is missing is NaN. Raises KeyError for a dataset that is not
    known and for a column that is not there.
    """
    dataset = dataset_named(dataset_name)
    inputs = {
        feature.name: _quantity(frame[feature.name])
        if feature.is_numeric
        else _text(frame[feature.name], feature)
        for feature in dataset.features
        if feature.kind != "code"
    }
    for derivation in dataset.derivations:
        inputs[derivation.name] = _derived(frame[derivation.feature], derivation)
    return pd.DataFrame(inputs, index=frame.index)


def _quantity(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column).astype("float64")


def _text(column: pd.Series, feature: Feature) -> pd.Series:
    if feature.kind == "boolean":
        words = {True: "true", False: "false", "true": "true", "false": "false"}
        return column.astype(object).map(words).astype("str")
    if feature.kind == "identifier" and not pd.api.types.is_string_dtype(column):
        # A column of ids with gaps is one of floating point numbers: 1.0 is "1".
        return pd.to_numeric(column).astype("Int64").astype("str")
    return column.astype("str")


def _derived(column: pd.Series, derivation: Derivation) -> pd.Series:
    """The words of a code's heads; what is missing stays missing."""
    known = {head: derivation.word_of(head) for head in derivation.heads}
    # Each different code is looked up once: a table has about a hundred rows per code.
    positions, codes = pd.factorize(column)
    words = [known.get(str(code).partition(".")[0], derivation.otherwise) for code in codes]
    per_row = np.array([*words, None], dtype=object)[positions]
    return pd.Series(per_row, index=column.index).astype("str")
