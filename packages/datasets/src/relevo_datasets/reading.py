"""Tables are read by the features that describe them, each different value once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_datasets.dataset import COLUMN, REASON
from relevo_features import NO_VALUE, Population, Reader, kind_of

Rows = NDArray[np.bool_]
"""True for some of the rows."""


class Faults:
    """Per row the first thing that made it unreadable: which raw column, and why."""

    def __init__(self, index: pd.Index) -> None:
        self._column = pd.Series(None, index=index, dtype=object)
        self._reason = pd.Series(None, index=index, dtype=object)

    def note(self, rows: pd.Series | Rows, column: str, reason: str) -> None:
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
    """What was read: a column of clean values per feature, by its clean name, and faults.

    A value that is missing, or could not be read, is None. missing: which values there
    are none of, also where a default stands for them; values × features.
    """

    values: pd.DataFrame
    faults: Faults
    missing: pd.DataFrame


def read(columns: Mapping[str, pd.Series], features: Iterable[Feature]) -> Reading:
    """Read the columns, which have raw names and one index, each by its feature."""
    first = next(iter(columns.values()))
    faults = Faults(first.index)
    values, missing = {}, {}
    for feature in features:
        column = read_column(columns[feature.raw_name], feature)
        values[feature.name], missing[feature.name] = column.values, column.missing
        for reason, rows in column.unfit.items():
            faults.note(rows, feature.raw_name, reason)
    index = first.index
    return Reading(pd.DataFrame(values, index), faults, pd.DataFrame(missing, index))


class ReadColumn(NamedTuple):
    """The clean values; per reason in words the rows that do not fit; which are missing."""

    values: pd.Series
    unfit: dict[str, Rows]
    missing: Rows


def read_column(column: pd.Series, feature: Feature) -> ReadColumn:
    """Read a column, which may have raw or clean values."""
    reader = Reader(feature)
    codes, distinct = different(column)
    clean, unfit, missing = reader.read_all([*distinct, None])
    found = np.empty(len(clean), dtype=object)
    found[:] = clean
    is_missing = np.zeros(len(clean), np.bool_)
    is_missing[[*missing]] = True
    reasons: dict[str, Rows] = {}
    for place, reason in unfit.items():
        rows = codes == (place if place < len(distinct) else -1)
        if rows.any():
            told = reason if reason == NO_VALUE else f"{reason}; it takes {reader.allowed}"
            reasons[told] = reasons.get(told, np.zeros(len(codes), np.bool_)) | rows
    values = pd.Series(found[codes], index=column.index, dtype=object)
    return ReadColumn(values, reasons, is_missing[codes])


def outside(values: pd.Series, feature: str, population: Population) -> pd.Series:
    """Per row why its clean value puts it outside of the task; missing: it does not."""
    reasons = {word: population.reason(feature, word) for word in values.dropna().unique()}
    return values.map(reasons)


def different(column: pd.Series) -> tuple[NDArray[np.intp], list[JsonValue]]:
    """Per row the place of its value among the column's different ones; -1 where it is
    missing."""
    # pandas takes 1, 1.0 and True for one value: where they may meet, each is its own
    if column.dtype == object and set(column.dropna().map(type)) - {str}:
        is_missing = column.isna().to_numpy()
        return np.where(is_missing, -1, np.arange(len(column))), column.tolist()
    codes, distinct = pd.factorize(column)
    return codes, distinct.tolist()


def typed(values: pd.DataFrame, features: Iterable[Feature]) -> pd.DataFrame:
    """Give clean values the types of the clean table, as their kinds say."""
    types = {feature.name: kind_of(feature).dtype(feature) for feature in features}
    return values.astype(types)


def unseen_values(
    values: pd.DataFrame, features: Iterable[Feature]
) -> dict[str, dict[str, int]]:
    """Per feature, the values that the dataset does not know, counted."""
    unseen = {}
    for feature in features:
        reader = Reader(feature)
        if reader.known is None:
            continue
        counts = values[feature.name].dropna().value_counts()
        # as lists, because numpy's true is none of Python's
        found = zip(counts.index.tolist(), counts.tolist(), strict=True)
        strange = {str(value): rows for value, rows in found if reader.is_unseen(value)}
        if strange:
            unseen[feature.name] = dict(sorted(strange.items()))
    return unseen
