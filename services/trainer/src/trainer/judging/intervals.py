"""A model's quality as figures, each with its 95 % interval."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from relevo_contracts.manifest import Interval
from trainer.judging.delong import Numbers, auc_and_error

Classes = NDArray[np.int8]

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""
RESAMPLES = 200
TINY = 1e-15


def figures(y: Classes, probability: Numbers) -> dict[str, Interval]:
    """ROC-AUC, PR-AUC, Brier score and log loss, each with its 95 % interval.

    y: 0 or 1; probability: of class 1; both (rows,). Raises ValueError unless both
    classes have two rows at least. ROC-AUC's interval is DeLong's, PR-AUC's a bootstrap
    of the rows; the others are means, with a normal interval.
    """
    clipped = np.clip(probability, TINY, 1 - TINY)
    losses = -np.where(y == 1, np.log(clipped), np.log(1 - clipped))
    return {
        "roc_auc": normal(*auc_and_error(y, probability)),
        "pr_auc": average_precision(y, probability),
        "brier": _mean((probability - y) ** 2),
        "log_loss": _mean(losses),
    }


def average_precision(y: Classes, probability: Numbers) -> Interval:
    """PR-AUC as average precision (scikit-learn's definition), by a seeded bootstrap."""
    order = np.argsort(-probability, kind="stable")
    ordered, scores = y[order], probability[order]
    # Equal scores are one threshold: precision counts only where a run of them ends.
    ends = np.append(np.flatnonzero(np.diff(scores)), scores.size - 1)
    value = _average_precision(ordered, np.ones(y.size), ends)
    random = np.random.default_rng(0)
    resampled = [
        _average_precision(
            ordered,
            np.bincount(random.integers(0, y.size, y.size), minlength=y.size),
            ends,
        )
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Interval(value=value, low=float(low), high=float(high))


def as_numbers(metrics: Mapping[str, Interval], prefix: str) -> dict[str, float]:
    """Intervals as MLflow keeps metrics: NAME, NAME_low, NAME_high."""
    numbers = {}
    for name, interval in metrics.items():
        numbers[f"{prefix}{name}"] = interval.value
        numbers[f"{prefix}{name}_low"] = interval.low
        numbers[f"{prefix}{name}_high"] = interval.high
    return numbers


def _average_precision(
    ordered: Classes, weights: NDArray[np.float64 | np.int64], ends: NDArray[np.intp]
) -> float:
    hits = np.cumsum(weights * ordered, dtype=np.float64)[ends]
    seen = np.cumsum(weights, dtype=np.float64)[ends]
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return float(np.sum(np.diff(hits, prepend=0.0) * precision) / max(hits[-1], TINY))


def _mean(values: Numbers) -> Interval:
    return normal(float(values.mean()), float(values.std(ddof=1) / values.size**0.5))


def normal(value: float, error: float) -> Interval:
    return Interval(value=value, low=value - Z_95 * error, high=value + Z_95 * error)
