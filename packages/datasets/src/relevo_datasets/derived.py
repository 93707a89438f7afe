"""The model's inputs, made of features; runs inside the registered pipeline."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_datasets.dataset import Derivation, Meaning
from relevo_datasets.reading import different, outside, read_column, typed
from relevo_features import Population, Reader, Unfit, kind_of, text_of


def inputs_of(frame: pd.DataFrame, meaning: str) -> pd.DataFrame:
    """The model inputs of rows as callers send them; `meaning` is a Meaning as JSON.

    Raises ValueError, in the words of every other door, for the first row that does not
    fit.
    """
    known = _meaning(meaning)
    return derive(requested(frame, known), known)


def requested(frame: pd.DataFrame, meaning: Meaning) -> pd.DataFrame:
    """The clean features of rows with clean or raw names and values, in any order.

    Raises ValueError for a column that nobody knows or that lacks, and for the first row
    that does not fit.
    """
    columns = _renamed(frame, meaning)
    population = Population(meaning.outside)
    clean: dict[str, pd.Series] = {}
    for feature in meaning.features:
        name = feature.name
        if name not in columns:
            try:
                absent = Reader(feature).when_absent()
            except Unfit as error:
                raise ValueError(f"`{name}` {error}") from error
            clean[name] = pd.Series([absent] * len(frame), frame.index, object)
            continue
        read = read_column(columns[name], feature)
        clean[name] = read.values
        for reason, rows in read.unfit.items():
            raise ValueError(f"row {int(np.argmax(rows))}: `{name}` {reason}")
        if name in population.words:
            reasons = outside(read.values, name, population)
            for place in np.flatnonzero(reasons.notna()):
                raise ValueError(f"row {place}: `{name}` {reasons.iloc[place]}")
    return typed(pd.DataFrame(clean, index=frame.index), meaning.features)


def derive(frame: pd.DataFrame, meaning: Meaning) -> pd.DataFrame:
    """The table of model inputs: every feature that is an input, then the derivations.

    Takes clean features, one row per case and in any order of columns. Quantities come
    out as float64; all else as text: a boolean as "true" or "false", an identifier as
    its whole number. What is missing is NaN. Raises KeyError for a column that is not
    there.
    """
    inputs = {
        feature.name: _input(frame[feature.name], feature)
        for feature in meaning.features
        if kind_of(feature).is_input
    }
    for derivation in meaning.derivations:
        inputs[derivation.name] = _derived(frame[derivation.feature], derivation)
    return pd.DataFrame(inputs, index=frame.index)


@lru_cache(maxsize=8)
def _meaning(text: str) -> Meaning:
    return Meaning.model_validate_json(text)


def _renamed(frame: pd.DataFrame, meaning: Meaning) -> dict[str, pd.Series]:
    names = {feature.raw_name: feature.name for feature in meaning.features}
    names |= {feature.name: feature.name for feature in meaning.features}
    columns: dict[str, pd.Series] = {}
    for name in frame:
        clean_name = names.get(str(name))
        if clean_name in columns:
            raise ValueError(f"`{clean_name}` has two columns")
        if clean_name is not None:
            columns[clean_name] = frame[name]
        elif name not in (*meaning.ignored, "id"):
            raise ValueError(f"`{name}` is no column of the dataset")
    return columns


def _input(column: pd.Series, feature: Feature) -> pd.Series:
    if kind_of(feature).is_quantity:
        return pd.to_numeric(column).astype("float64")
    return _looked_up(column, text_of)


def _derived(column: pd.Series, derivation: Derivation) -> pd.Series:
    """The words of a code's heads; what is missing stays missing."""
    return _looked_up(
        column,
        lambda code: derivation.words.get(
            text_of(code).partition(".")[0], derivation.otherwise
        ),
    )


def _looked_up(column: pd.Series, word_of: Callable[[JsonValue], str | None]) -> pd.Series:
    # Each different value is looked up once: a table has about a hundred rows per code.
    codes, distinct = different(column)
    words = np.array([*map(word_of, distinct), None], dtype=object)
    return pd.Series(words[codes], index=column.index).astype("str")
