"""Model inputs become numbers, in one way for learning, for people and for serving.

A word becomes its code. A word that few train rows have, one that was never seen and a
missing one have none: they are not-a-number, and every candidate knows what to do then.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OrdinalEncoder

from relevo_contracts import Feature
from relevo_contracts.manifest import Input, Lookup, Quantity
from relevo_datasets import Dataset, Derivation
from relevo_features import kind_of

Matrix = NDArray[np.float64]

FEWEST_ROWS = 20
"""A word on fewer train rows says nothing that lasts."""

MOST_WORDS = 250
"""Per input; scikit-learn's gradient boosting takes 255 codes at most."""


@dataclass(frozen=True)
class Column:
    """One input: a quantity (no `words`), or a word's code: its place in `words`.

    shares: of the train rows, per code, and last of those without one.
    """

    name: str
    feature: str
    words: tuple[str, ...] | None = None
    shares: tuple[float, ...] | None = None
    derivation: Derivation | None = None

    def codes(self, derived: pd.DataFrame) -> Matrix:
        """The input's numbers, one per row."""
        values = derived[self.name]
        if self.words is None:
            return values.to_numpy(dtype=np.float64)
        codes = pd.Index(self.words).get_indexer(pd.Index(values)).astype(np.float64)
        codes[codes < 0] = np.nan
        return codes

    def as_input(self) -> Input:
        """The same rule for serving, from the clean feature to the number."""
        if self.words is None:
            return Input(name=self.name, feature=self.feature, encoding=Quantity())
        codes = {word: code for code, word in enumerate(self.words)}
        if self.derivation is None:
            lookup = Lookup(codes=codes)
            return Input(name=self.name, feature=self.feature, encoding=lookup)
        rule = self.derivation
        lookup = Lookup(
            part="head",
            codes={head: codes[word] for head, word in rule.words.items()},
            otherwise=None if rule.otherwise is None else codes[rule.otherwise],
        )
        return Input(name=self.name, feature=self.feature, encoding=lookup)


@dataclass(frozen=True)
class Encoding:
    """The columns of a model's matrix: the quantities first, then the words."""

    columns: tuple[Column, ...]

    @property
    def quantities(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.words is None)

    @property
    def words(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.words is not None)

    @property
    def code_places(self) -> list[int]:
        """Which columns of the matrix hold codes."""
        return list(range(len(self.quantities), len(self.columns)))

    def without(self, names: frozenset[str]) -> "Encoding":
        """The same without some inputs."""
        return Encoding(tuple(c for c in self.columns if c.name not in names))

    def matrix(self, derived: pd.DataFrame) -> Matrix:
        """rows × columns, float64; what `step` makes of the same table, but sooner."""
        return np.column_stack([column.codes(derived) for column in self.columns])

    def places_in(self, whole: "Encoding") -> list[int]:
        """Where this encoding's columns stand in that of more columns."""
        places = {column.name: place for place, column in enumerate(whole.columns)}
        return [places[column.name] for column in self.columns]

    def step(self, derived: pd.DataFrame) -> ColumnTransformer:
        """scikit-learn's own way to the same matrix, for the registered pipeline.

        derived: any rows; nothing is learned from them.
        """
        encoder = OrdinalEncoder(
            categories=[np.array(c.words, dtype=object) for c in self.words],
            handle_unknown="use_encoded_value",
            unknown_value=np.nan,
            encoded_missing_value=np.nan,
        )
        steps = [
            ("quantities", "passthrough", [column.name for column in self.quantities]),
            ("words", encoder, [column.name for column in self.words]),
        ]
        chosen = [step for step in steps if step[2]]
        return ColumnTransformer(chosen, verbose_feature_names_out=False).fit(
            derived.head(100)
        )


def learn_encoding(derived: pd.DataFrame, dataset: Dataset) -> Encoding:
    """The encoding of a dataset's inputs, the words learned from train rows.

    An input of which no word is frequent enough is left out. A derivation's words are
    all of them, because which there are does not depend on any rows.
    """
    inputs = [f for f in dataset.features if kind_of(f).is_input]
    quantities = [Column(f.name, f.name) for f in inputs if kind_of(f).is_quantity]
    looked_up = [_frequent(f, derived) for f in inputs if not kind_of(f).is_quantity]
    derivations = [_derived(derivation, derived) for derivation in dataset.derivations]
    words = [column for column in (*looked_up, *derivations) if column.words]
    return Encoding((*quantities, *words))


def finer_derivations(dataset: Dataset) -> frozenset[str]:
    """The names of all derivations but the one of fewest words of each code."""
    by_feature: dict[str, list[Derivation]] = {}
    for derivation in dataset.derivations:
        by_feature.setdefault(derivation.feature, []).append(derivation)
    finer: set[str] = set()
    for alternatives in by_feature.values():
        coarsest = min(alternatives, key=lambda each: len(_words(each)))
        finer |= {each.name for each in alternatives if each is not coarsest}
    return frozenset(finer)


def _frequent(feature: Feature, derived: pd.DataFrame) -> Column:
    counts = derived[feature.name].value_counts()
    frequent = counts[counts >= FEWEST_ROWS]
    by_count = sorted(frequent.items(), key=lambda item: (-item[1], str(item[0])))
    words = tuple(sorted(str(word) for word, _ in by_count[:MOST_WORDS]))
    shares = _shares(words, counts, len(derived))
    return Column(feature.name, feature.name, words, shares)


def _derived(rule: Derivation, derived: pd.DataFrame) -> Column:
    words = _words(rule)
    shares = _shares(words, derived[rule.name].value_counts(), len(derived))
    return Column(rule.name, rule.feature, words, shares, rule)


def _shares(words: tuple[str, ...], counts: pd.Series, rows: int) -> tuple[float, ...]:
    """Per word its share of the rows, and last that of the rows without one of them."""
    coded = counts.reindex(list(words), fill_value=0).to_numpy(dtype=np.float64)
    return tuple((np.append(coded, rows - coded.sum()) / max(rows, 1)).tolist())


def _words(rule: Derivation) -> tuple[str, ...]:
    words = {*rule.words.values(), rule.otherwise}
    return tuple(sorted(word for word in words if word is not None))
