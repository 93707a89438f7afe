"""What a table means: all that cleaner, trainer and serving know of a dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from relevo_contracts import Feature, Target
from relevo_contracts.manifest import Outside

ROW_ID = "row_id"
GROUP = "group"
SPLIT = "split"
TARGET = "target"
"""The clean table's columns that are not features: which row, which group (all rows of a
group are in one split), which split (train, validation, test), and the class by its place
among the target's classes, or the number of a regression."""

COLUMN = "column"
REASON = "reason"
"""What a quarantined row has beside its raw values: the raw column that could not be
read, and why."""


class Derivation(BaseModel):
    """A model input made of a code's head, which is what stands before the first "."

    words: the word of each head that has one; every other head has `otherwise` (None:
    missing).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    feature: str
    words: dict[str, str]
    otherwise: str | None = None


class Meaning(BaseModel):
    """What a registered model must know to take rows as callers send them."""

    model_config = ConfigDict(frozen=True)

    features: tuple[Feature, ...]
    derivations: tuple[Derivation, ...] = ()
    outside: tuple[Outside, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rows:
    """What a row is. Without `id`, rows are told apart by their content.

    group: the column whose rows must not be in two splits; None: each row is its own.
    repeats: what is done with a row whose id came before in the batch.
    missing: what stands in the table where there is no value.
    """

    id: str | None = None
    group: str | None = None
    repeats: Literal["quarantine", "keep"] = "quarantine"
    missing: tuple[str, ...] = ("",)


SourceKind = Literal["numbered", "cursor", "group", "folder", "bucket", "kafka"]


@dataclass(frozen=True)
class Source:
    """Where batches of the table come from.

    kind: how the source is spoken with. path: a file, or a folder of files; None: from
    somewhere else. url: of an API or a bucket. topic: of a stream of rows.
    batch_rows: into how many rows a file or a stream is cut. every: seconds from one
    question to the next, or after which fewer rows are a batch; None: the kind's own.
    header: a CSV's first line has the names.
    """

    kind: SourceKind = "numbered"
    path: Path | None = None
    url: str | None = None
    topic: str | None = None
    batch_rows: int = 15_000
    every: float | None = None
    header: bool = True


class Holding(BaseModel):
    """From when on a batch is held before anything learns from it.

    rate: of two classes, how many times the share of one may be the champion's mean
    answer, or that the share. moved: of several classes, the share of the rows that may be
    of others than it says. score: by how many standard errors the champion's live figure
    may be below that on its test rows; drift: what the figure moves by itself from batch
    to batch, a standard error too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: float = Field(default=1.5, gt=1)
    moved: float = Field(default=0.2, gt=0)
    score: float = Field(default=3.0, gt=0)
    drift: float = Field(default=0.015, ge=0)


@dataclass(frozen=True)
class Cleaned:
    """What cleaning made of a raw table: each raw row is in one of the first three.

    frame: ROW_ID, GROUP, the features in the dataset's order, TARGET; no SPLIT yet.
    quarantined: the raw rows that were put aside, and the columns COLUMN and REASON.
    removed: rows that the task excludes by definition, counted by reason.
    unseen: per feature, the values that the dataset does not know, counted.
    missing: per feature, how many values are missing, or would be but for a default.
    """

    frame: pd.DataFrame
    quarantined: pd.DataFrame
    removed: Mapping[str, int] = field(default_factory=dict)
    unseen: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """What a table means, as its declaration says it.

    raw_columns: the source's columns in its order, all of which a batch must have.
    targets: what can be predicted, by name; the first is the default.
    slices: the features by which a model's fairness is looked at.
    outside: rows that are no part of the task. ignored: columns that nothing is made of.
    candidates: per algorithm, settings in place of the usual ones.
    holding: which batches are not learned from before a person has looked.
    example: a request for people to read and to try; None: there is none.
    examples: more of them, by what each shows.
    """

    name: str
    title: str
    raw_columns: tuple[str, ...]
    rows: Rows
    features: tuple[Feature, ...]
    targets: Mapping[str, Target]
    derivations: tuple[Derivation, ...] = ()
    outside: tuple[Outside, ...] = ()
    slices: tuple[str, ...] = ()
    candidates: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    example: Mapping[str, JsonValue] | None = None
    examples: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    source: Source = Source()
    holding: Holding = field(default_factory=Holding)

    @property
    def default_target(self) -> Target:
        """What is predicted when nobody says what."""
        return next(iter(self.targets.values()))

    @property
    def ignored(self) -> tuple[str, ...]:
        """The source's columns that no feature is made of."""
        made_of = {feature.raw_name for feature in self.features}
        return tuple(name for name in self.raw_columns if name not in made_of)

    @property
    def meaning(self) -> Meaning:
        """What of it travels with a model."""
        return Meaning(
            features=self.features,
            derivations=self.derivations,
            outside=self.outside,
            ignored=self.ignored,
        )

    def feature(self, name: str) -> Feature:
        """The feature of that name; raises KeyError."""
        return {feature.name: feature for feature in self.features}[name]
