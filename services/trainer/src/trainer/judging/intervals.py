"""A measured figure with its 95 % interval."""

from collections.abc import Mapping

import numpy as np

from relevo_contracts.manifest import Interval
from trainer.judging.comparison import Numbers

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""
RESAMPLES = 200
TINY = 1e-15
"""The least probability that a logarithm is taken of."""


def normal(value: float, error: float) -> Interval:
    """The interval of a value with that standard error."""
    return Interval(value=value, low=value - Z_95 * error, high=value + Z_95 * error)


def mean(values: Numbers) -> Interval:
    """Of the mean of a number per row."""
    return normal(float(values.mean()), error_of(values))


def error_of(values: Numbers) -> float:
    """The standard error of the mean."""
    return float(values.std(ddof=1) / values.size**0.5)


def resampled(value: float, values: Numbers) -> Interval:
    """Of a value, by those that a bootstrap found in place of it."""
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(value=value, low=float(low), high=float(high))


def log_losses(probability: Numbers) -> Numbers:
    """Of the probabilities of what came, per row."""
    return -np.log(np.clip(probability, TINY, 1 - TINY))


def as_numbers(metrics: Mapping[str, Interval], prefix: str) -> dict[str, float]:
    """Intervals as MLflow keeps metrics: NAME, NAME_low, NAME_high."""
    numbers = {}
    for name, interval in metrics.items():
        numbers[f"{prefix}{name}"] = interval.value
        numbers[f"{prefix}{name}_low"] = interval.low
        numbers[f"{prefix}{name}_high"] = interval.high
    return numbers
