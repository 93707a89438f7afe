"""The interface of a dataset: all that cleaner and trainer know of a table's meaning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
from pydantic import JsonValue

from relevo_contracts import Feature
from relevo_contracts.manifest import SourceWords

ROW_ID = "row_id"
GROUP = "group"
SPLIT = "split"
TARGET = "target"
"""The clean table's columns that are not features: which row, which group (all rows of a
group are in one split), which split (train, validation, test), and the class (0 or 1)."""

COLUMN = "column"
REASON = "reason"
"""What a quarantined row has beside its raw values: the raw column that could not be
read, and why."""


@dataclass(frozen=True)
class Derivation:
    """A model input made of a code's head, which is what stands before the first "."

    `word_of` gives the word for a head; it is total over `heads`, and every other head
    has the word `otherwise` (None: missing).
    """

    name: str
    feature: str
    word_of: Callable[[str], str]
    heads: tuple[str, ...]
    otherwise: str | None = None


@dataclass(frozen=True)
class Cleaned:
    """What cleaning made of a raw table: each raw row is in one of the first three.

    frame: ROW_ID, GROUP, the features in the dataset's order, TARGET; no SPLIT yet.
    quarantined: the raw rows that were put aside, and the columns COLUMN and REASON.
    removed: rows that the task excludes by definition, counted by reason.
    unseen: per feature, the values that the dataset does not know, counted.
    """

    frame: pd.DataFrame
    quarantined: pd.DataFrame
    removed: Mapping[str, int] = field(default_factory=dict)
    unseen: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """What a table means. One instance per dataset, in a file of its own.

    raw_columns: the source's columns, all of which a batch must have.
    targets: the names of what can be predicted; the first is the default.
    labels: per target, the words for class 0 and class 1.
    slices: the features by which a model's fairness is looked at.
    clean: (raw table with all columns as text, target) -> Cleaned; pure.
    words: how the raw table writes values, for those who answer about raw rows.
    example: a request for people to read and to try; None: there is none.
    """

    name: str
    title: str
    raw_columns: tuple[str, ...]
    features: tuple[Feature, ...]
    derivations: tuple[Derivation, ...]
    targets: tuple[str, ...]
    labels: Mapping[str, tuple[str, str]]
    slices: tuple[str, ...]
    clean: Callable[[pd.DataFrame, str], Cleaned]
    words: SourceWords
    example: Mapping[str, JsonValue] | None = None

    def feature(self, name: str) -> Feature:
        """The feature of that name; raises KeyError."""
        return {feature.name: feature for feature in self.features}[name]
