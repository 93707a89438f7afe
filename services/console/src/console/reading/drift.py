"""How far a batch is from what a model learned from: counts become what a page shows."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from relevo_contracts import Feature
from relevo_contracts.manifest import Reference
from relevo_features import counted, stability_index

MOST_WORDS = 12
LONGEST_LABEL = 44
MODERATE, LARGE = 0.1, 0.25
"""The index from which people speak of a moderate and of a large shift."""

Grade = Literal["noise", "small", "moderate", "large"]


class Part(BaseModel):
    """Frozen: it is shown to many."""

    model_config = ConfigDict(frozen=True)


class Bin(Part):
    """The shares of the rows, 0 to 1, that the reference and the batch have in it."""

    label: str
    reference: float
    batch: float


class FeatureDrift(Part):
    """One feature. noise: its index by chance, at most, in 95 of 100 batches."""

    name: str
    psi: float
    noise: float
    bins: tuple[Bin, ...]

    @property
    def grade(self) -> Grade:
        """Within noise, or how large the shift is."""
        if self.psi <= self.noise:
            return "noise"
        if self.psi < MODERATE:
            return "small"
        return "moderate" if self.psi < LARGE else "large"

    @property
    def largest(self) -> Bin:
        """Where the shares differ most."""
        return max(self.bins, key=lambda each: abs(each.batch - each.reference))


class BatchDrift(Part):
    """A batch against a version's train rows; the features that differ most come first."""

    rows: int
    reference_rows: int
    features: tuple[FeatureDrift, ...]

    def count(self, *grades: Grade) -> int:
        """How many features are of these grades."""
        return sum(feature.grade in grades for feature in self.features)

    @property
    def above_noise(self) -> int:
        """How many features differ by more than chance."""
        return self.count("small", "moderate", "large")


def compared(
    reference: Mapping[str, Reference],
    features: Iterable[Feature],
    columns: Mapping[str, Iterable[tuple[JsonValue, int]]],
    rows: int,
) -> BatchDrift:
    """The batch, of whose columns the different values come with their rows."""
    meanings = {feature.name: feature.meanings for feature in features}
    found = [
        feature_drift(name, reference[name], values, meanings.get(name, {}))
        for name, values in columns.items()
        if name in reference
    ]
    return BatchDrift(
        rows=rows,
        reference_rows=max((each.rows for each in reference.values()), default=0),
        features=tuple(sorted(found, key=lambda each: -each.psi)),
    )


def feature_drift(
    name: str,
    reference: Reference,
    values: Iterable[tuple[JsonValue, int]],
    meanings: Mapping[str, str],
) -> FeatureDrift:
    """One column of a batch; meanings: of words that do not say it themselves."""
    counts = counted(reference, values)
    ours = (*reference.counts, reference.missing)
    here, there = max(sum(ours), 1), max(sum(counts), 1)
    bins = [
        Bin(label=label, reference=one / here, batch=other / there)
        for label, one, other in zip(labels(reference, meanings), ours, counts, strict=True)
        if one or other
    ]
    return FeatureDrift(
        name=name,
        psi=stability_index(reference, counts),
        noise=reference.psi_noise,
        bins=tuple(bins if reference.words is None else fewer(bins)),
    )


def fewer(bins: Sequence[Bin]) -> list[Bin]:
    """The words that many rows have, and those of few rows together."""
    if len(bins) <= MOST_WORDS:
        return list(bins)
    ranked = sorted(bins, key=lambda each: -max(each.reference, each.batch))
    rare = ranked[MOST_WORDS - 1 :]
    together = Bin(
        label=f"{len(rare)} others",
        reference=sum(each.reference for each in rare),
        batch=sum(each.batch for each in rare),
    )
    return [*(each for each in bins if each not in rare), together]


def labels(reference: Reference, meanings: Mapping[str, str]) -> list[str]:
    """What each bin has, in words; the missing ones last."""
    if reference.edges is None:
        words = [
            shortened(f"{word}: {meanings[word]}" if word in meanings else word)
            for word in reference.words or ()
        ]
        return [*words, "other words", "missing"]
    edges = [f"{edge:g}" for edge in reference.edges]
    if not edges:
        return ["all numbers", "missing"]
    inner = [f"over {low} to {high}" for low, high in pairwise(edges)]
    return [f"{edges[0]} or less", *inner, f"over {edges[-1]}", "missing"]


def shortened(text: str) -> str:
    """As much of it as a line has place for."""
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
