"""Numbers in a column: how far they may go, and which may stand for no value."""

import math

import numpy as np
from numpy.typing import NDArray

from relevo_datasets.drafting.profiling import Profile
from relevo_features import EXACT

BELOW = (0.0, -1.0, -9.0, -99.0, -999.0, -9999.0)
ABOVE = (99.0, 999.0, 9999.0, 99999.0)
FEWEST = 3
LOOKED_AT = 20
"""So many of the smallest values, or of the largest, tell how close values lie."""


def limits(profile: Profile) -> dict[str, int] | dict[str, float]:
    """What there is and as much again on both sides, on one side of 0 where all is."""
    low, high = profile.minimum, profile.maximum
    if (low, high) == (0, 1) and profile.is_whole:
        return {"minimum": 0, "maximum": 1}
    span = high - low or abs(high) or 1.0
    step = 10.0 ** (math.floor(math.log10(span)) - 1)
    low = math.floor((low - span) / step) * step if low < 0 else 0.0
    high = math.ceil((high + span) / step) * step if high > 0 else 0.0
    low, high = max(low, -EXACT), min(high, EXACT)
    if profile.is_whole:
        return {"minimum": math.floor(low), "maximum": math.ceil(high)}
    digits = max(0, -math.floor(math.log10(step)))
    return {"minimum": round(low, digits), "maximum": round(high, digits)}


def suspicious(profile: Profile) -> tuple[float, int, float] | None:
    """0, -1, 99, 999 … far from the rest: it, its rows among the first, the next value.

    It is the smallest or the largest of all, comes more than once, and is further from
    the next value than values lie from each other. None: there is no such number.
    """
    values, times = np.unique(profile.numbers, return_counts=True)
    if len(values) < LOOKED_AT:
        return None
    if values[0] in BELOW and values[1] > 0 and times[0] >= FEWEST:
        gap, others = values[1] - values[0], values[1:]
        far = max(5 * _step(others[:LOOKED_AT]), 0.1 * _spread(others, times[1:]))
        if gap >= far:
            return float(values[0]), int(times[0]), float(values[1])
    if values[-1] in ABOVE and times[-1] >= FEWEST:
        gap, others = values[-1] - values[-2], values[:-1]
        far = max(5 * _step(others[-LOOKED_AT:]), _spread(others, times[:-1]))
        if gap >= far:
            return float(values[-1]), int(times[-1]), float(values[-2])
    return None


def _step(values: NDArray[np.float64]) -> float:
    return float(np.median(np.diff(values)))


def _spread(values: NDArray[np.float64], times: NDArray[np.intp]) -> float:
    """From the first to the third quarter of the rows."""
    low, high = np.searchsorted(np.cumsum(times), [times.sum() / 4, times.sum() * 3 / 4])
    return float(values[high] - values[low])
