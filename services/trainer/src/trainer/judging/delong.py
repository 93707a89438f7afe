"""The ROC-AUC, its variance, and the covariance of several models' on the same rows.

DeLong, DeLong, Clarke-Pearson 1988 (doi:10.2307/2531595), computed by midranks as in
Sun, Xu 2014 (doi:10.1109/LSP.2014.2337313). With m rows of class 1 and n of class 0 let
V10 be, per row of class 1, the share of rows of class 0 that score below it (a tie counts
half), and V01, per row of class 0, the share of rows of class 1 above it. Then
AUC = mean(V10), and the covariance of the AUCs is cov(V10) / m + cov(V01) / n.
Rows count as independent, although some are of one patient. On diabetes130 the error of an
AUC is 12 % larger when patients are counted as clusters (Obuchowski 1997), that of a paired
difference, on which verdicts rest, less than 1 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """Two ROC-AUCs on the same rows; the second is 0.5 where a model meets chance.

    z: the difference in standard errors; p: how likely one as large is without any
    (one-sided).
    """

    auc: float
    other_auc: float
    standard_error: float

    @property
    def difference(self) -> float:
        return self.auc - self.other_auc

    @property
    def z(self) -> float:
        if self.standard_error > 0:
            return self.difference / self.standard_error
        return 0.0 if self.difference == 0 else float(np.copysign(np.inf, self.difference))

    @property
    def p(self) -> float:
        return float(norm.sf(self.z))


def aucs_with_covariance(y: NDArray[np.int8], scores: Numbers) -> tuple[Numbers, Numbers]:
    """Areas (models,) and their covariance (models × models).

    y: 0 or 1, (rows,); scores: (models × rows), higher for class 1.
    Raises ValueError unless both classes have two rows at least.
    """
    positive, negative = scores[:, y == 1], scores[:, y == 0]
    m, n = positive.shape[1], negative.shape[1]
    if m < 2 or n < 2:
        raise ValueError(f"{m} rows of class 1 and {n} of class 0 are too few for an AUC")
    ranks = rankdata(np.hstack([positive, negative]), axis=1)
    v10 = (ranks[:, :m] - rankdata(positive, axis=1)) / n
    v01 = 1 - (ranks[:, m:] - rankdata(negative, axis=1)) / m
    covariance = np.atleast_2d(np.cov(v10)) / m + np.atleast_2d(np.cov(v01)) / n
    return v10.mean(axis=1), covariance


def auc_and_error(y: NDArray[np.int8], score: Numbers) -> tuple[float, float]:
    """One model's ROC-AUC and its standard error."""
    areas, covariance = aucs_with_covariance(y, score[np.newaxis, :])
    return float(areas[0]), float(covariance[0, 0] ** 0.5)


def against_chance(y: NDArray[np.int8], score: Numbers) -> Comparison:
    """A model against 0.5."""
    auc, error = auc_and_error(y, score)
    return Comparison(auc, 0.5, error)


def against(y: NDArray[np.int8], score: Numbers, other: Numbers) -> Comparison:
    """A model against another, paired on the same rows."""
    areas, covariance = aucs_with_covariance(y, np.stack([score, other]))
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    error = float(max(variance, 0.0) ** 0.5)
    return Comparison(float(areas[0]), float(areas[1]), error)
