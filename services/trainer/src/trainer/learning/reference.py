"""What the train rows had in each feature, counted, so that a batch can be compared.

The noise is that of the population stability index of two samples of one population:
chi-squared with a degree of freedom per bin but one, times the sum of both samples' 1 / n
(Yurdakul 2018, Statistical properties of population stability index). Rows of one group
are alike: so it is times the mean design effect of the bins (Rao, Scott 1981).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from relevo_contracts import Feature
from relevo_contracts.manifest import Reference
from relevo_datasets import GROUP
from relevo_datasets.reading import different
from relevo_features import Reader, kind_of, text_of

MOST_BINS = 10
MOST_WORDS = 30
LEVEL = 0.95


@dataclass(frozen=True)
class Bins:
    """Per row its bin, of which the last is that of missing values; see `Reference`."""

    of_row: NDArray[np.intp]
    edges: tuple[float, ...] | None = None
    words: tuple[str, ...] | None = None
    unknown: int = 0

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.words) + 2 if self.words is not None else len(self.edges or ()) + 2


def learn_reference(
    train: pd.DataFrame, features: Iterable[Feature], *, batch_rows: int
) -> dict[str, Reference]:
    """Per feature what the clean train rows had; the rows carry GROUP too.

    batch_rows: the rows of a batch that is to be compared, for the noise.
    """
    groups, _ = pd.factorize(train[GROUP])
    sizes = np.bincount(groups)
    found = {}
    for feature in features:
        bins = _bins(train[feature.name], feature)
        counts = np.bincount(bins.of_row, minlength=bins.size)
        spread = chi2.ppf(LEVEL, bins.size - 1) * (1 / len(train) + 1 / max(batch_rows, 1))
        found[feature.name] = Reference(
            rows=len(train),
            missing=int(counts[-1]),
            unknown=bins.unknown,
            counts=tuple(counts[:-1].tolist()),
            edges=bins.edges,
            words=bins.words,
            psi_noise=spread * _design_effect(bins, groups, sizes),
        )
    return found


def _bins(column: pd.Series, feature: Feature) -> Bins:
    if kind_of(feature).is_quantity:
        return _quantiles(column.to_numpy(dtype=np.float64, na_value=np.nan))
    return _frequent(column, Reader(feature))


def _quantiles(numbers: NDArray[np.float64]) -> Bins:
    """Bins between numbers that occur, none of which is empty."""
    is_missing = np.isnan(numbers)
    present = numbers[~is_missing]
    edges = np.empty(0)
    if present.size:
        shares = np.arange(1, MOST_BINS) / MOST_BINS
        edges = np.unique(np.quantile(present, shares, method="inverted_cdf"))
        edges = edges[edges < present.max()]
    of_row = np.searchsorted(edges, numbers, side="left")
    return Bins(np.where(is_missing, len(edges) + 1, of_row), edges=tuple(edges.tolist()))


def _frequent(column: pd.Series, reader: Reader) -> Bins:
    """A bin for each frequent word, and one for all others."""
    codes, values = different(column)
    rows = np.bincount(codes[codes >= 0], minlength=len(values))
    texts = list(map(text_of, values))
    order = sorted(range(len(texts)), key=lambda place: (-rows[place], texts[place]))
    bin_of = np.full(len(texts) + 1, min(len(texts), MOST_WORDS), dtype=np.intp)
    bin_of[order[:MOST_WORDS]] = range(min(len(texts), MOST_WORDS))
    bin_of[-1] = min(len(texts), MOST_WORDS) + 1
    return Bins(
        bin_of[codes],
        words=tuple(texts[place] for place in order[:MOST_WORDS]),
        unknown=sum(
            int(count)
            for value, count in zip(values, rows, strict=True)
            if reader.is_unseen(value)
        ),
    )


def _design_effect(bins: Bins, groups: NDArray[np.intp], sizes: NDArray[np.intp]) -> float:
    """How many times the variance of the bins' shares is that of independent rows; >= 1.

    groups: per row its group; sizes: per group its rows.
    """
    cells, rows = np.unique(groups * bins.size + bins.of_row, return_counts=True)
    group, bin_of = np.divmod(cells, bins.size)
    total = len(groups)
    shares = np.bincount(bin_of, rows, bins.size) / total
    # per bin the sum over groups of (rows in the bin - the group's rows * share)^2
    squares = np.bincount(
        bin_of, rows * (rows - 2 * sizes[group] * shares[bin_of]), bins.size
    ) + shares**2 * (sizes @ sizes)
    is_there = shares > 0
    freedom = is_there.sum() - 1
    if freedom < 1:
        return 1.0
    return max(1.0, float((squares[is_there] / shares[is_there]).sum() / total / freedom))
