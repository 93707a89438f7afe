"""The logistic function, without its overflow: log-odds become probabilities."""

import math

import numpy as np

from relevo_bundles.encoding import Matrix

STEEP = -700.0
"""Below it exp(-x) is no number any more, and the answer is exp(x)."""


def probability(log_odds: float) -> float:
    """1 / (1 + exp(-log_odds))."""
    if log_odds < STEEP:
        return math.exp(log_odds)
    return 1 / (1 + math.exp(-log_odds))


def probabilities(log_odds: Matrix) -> Matrix:
    """The same of many."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -log_odds)))
