"""Reads a raw table, in which all is text, by the features that describe it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from relevo_contracts import Feature
from relevo_contracts.manifest import SourceWords
from relevo_datasets.dataset import COLUMN, REASON

EXACT_INTEGERS = 2**53
"""Whole numbers up to here are exact as 64-bit floating point numbers."""

Marked = tuple[pd.Series, str]
"""Which rows (a boolean per row), and what is wrong with them."""


class Faults:
    """Per row the first thing that made it unreadable: which raw column, and why."""

    def __init__(self, index: pd.Index) -> None:
        self._column = pd.Series(None, index=index, dtype=object)
        self._reason = pd.Series(None, index=index, dtype=object)

    def note(self, rows: pd.Series, column: str, reason: str) -> None:
        """Mark the rows that are true, but for those that have a fault already."""
        new = rows & self.readable
        if new.any():
            self._column[new] = column
            self._reason[new] = reason

    @property
    def readable(self) -> pd.Series:
        """True for the rows without a fault."""
        return self._column.isna()

    def quarantined(self, raw: pd.DataFrame) -> pd.DataFrame:
        """The raw rows with a fault, and their faults as COLUMN and REASON."""
        faulty = ~self.readable
        faults = {COLUMN: self._column[faulty], REASON: self._reason[faulty]}
        return raw[faulty].assign(**faults)


@dataclass(frozen=True)
class Reading:
    """What was read: a typed column per feature, a fault per row that cannot be read.

    A value that is missing, or could not be read, is NaN.
    """

    values: pd.DataFrame
    faults: Faults


def read(raw: pd.DataFrame, features: Iterable[Feature], words: SourceWords) -> Reading:
    """Read each feature's raw column, in which the source uses these words."""
    faults = Faults(raw.index)
    columns = {}
    for feature in features:
        text = raw[feature.raw_name].astype("str").str.strip()
        text = text.mask(text.isin(words.missing))
        values, marks = _reader(feature, words.truths)(text)
        values = values.mask(values.isin(words.unknown.get(feature.name, ())))
        if not feature.nullable:
            marks = [*marks, (text.isna() | values.isna(), "has no value")]
        for rows, reason in marks:
            faults.note(rows, feature.raw_name, reason)
        columns[feature.name] = values
    return Reading(pd.DataFrame(columns, index=raw.index), faults)


def typed(values: pd.DataFrame, features: Iterable[Feature]) -> pd.DataFrame:
    """Give readable values the types of the clean table.

    integer: int64 (Int64 where null is allowed) · number: float64 · boolean: bool
    (boolean where null is allowed) · all else: text.
    """
    types: dict[str, str] = {}
    for feature in features:
        if feature.kind == "integer":
            types[feature.name] = "Int64" if feature.nullable else "int64"
        elif feature.kind == "number":
            types[feature.name] = "float64"
        elif feature.kind == "boolean":
            types[feature.name] = "boolean" if feature.nullable else "bool"
        else:
            types[feature.name] = "str"
    return values.astype(types)


def unseen_values(
    values: pd.DataFrame, features: Iterable[Feature]
) -> dict[str, dict[str, int]]:
    """Per feature, the values that are none of its categories or break its pattern."""
    unseen = {}
    for feature in features:
        present = values[feature.name].dropna()
        if feature.categories is not None:
            strange = present[~present.isin(feature.categories)]
        elif feature.pattern is not None:
            strange = present[~present.str.fullmatch(feature.pattern)]
        else:
            continue
        counts = strange.value_counts().sort_index()
        if len(counts):
            unseen[feature.name] = {str(v): int(n) for v, n in counts.items()}
    return unseen


def _reader(
    feature: Feature, truths: Mapping[str, bool]
) -> Callable[[pd.Series], tuple[pd.Series, list[Marked]]]:
    if feature.is_numeric:
        return lambda text: _quantity(text, feature)
    if feature.kind == "boolean":
        return lambda text: _boolean(text, truths)
    if feature.kind == "identifier":
        return _identifier
    return lambda text: (text, [])


def _quantity(text: pd.Series, feature: Feature) -> tuple[pd.Series, list[Marked]]:
    number = pd.to_numeric(text, errors="coerce").astype("float64")
    number = number.where(np.isfinite(number))
    marks = [(text.notna() & number.isna(), "is not a number")]
    if feature.kind == "integer":
        marks.append((number.notna() & (number % 1 != 0), "is not a whole number"))
    low = -EXACT_INTEGERS if feature.minimum is None else feature.minimum
    high = EXACT_INTEGERS if feature.maximum is None else feature.maximum
    outside = (number < low) | (number > high)
    marks.append((outside, f"is not between {low:g} and {high:g}"))
    return number, marks


def _boolean(text: pd.Series, truths: Mapping[str, bool]) -> tuple[pd.Series, list[Marked]]:
    truth = text.map(truths).astype(object)
    allowed = ", ".join(sorted(truths))
    return truth, [(text.notna() & truth.isna(), f"is none of {allowed}")]


def _identifier(text: pd.Series) -> tuple[pd.Series, list[Marked]]:
    whole = text.str.fullmatch(r"[0-9]+(?:\.0+)?", na=False)
    plain = text.str.replace(r"\.0+$", "", regex=True)
    number = plain.str.replace(r"^0+(?=[0-9])", "", regex=True).where(whole)
    return number, [(text.notna() & ~whole, "is not a whole number")]
