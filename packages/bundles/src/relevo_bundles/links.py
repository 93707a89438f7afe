"""What makes an answer of sums: the logistic function and softmax, without overflow."""

import math
from collections.abc import Sequence

import numpy as np

from relevo_bundles.encoding import Matrix
from relevo_contracts.manifest import Link

STEEP = -700.0
"""Below it exp(-x) is no number any more, and the answer is exp(x)."""


def logistic(log_odds: float) -> float:
    """1 / (1 + exp(-log_odds))."""
    if log_odds < STEEP:
        return math.exp(log_odds)
    return 1 / (1 + math.exp(-log_odds))


def softmax(sums: Sequence[float]) -> list[float]:
    """exp(sum) / sum of the exp(sums), per output."""
    highest = max(sums)
    shares = [math.exp(each - highest) for each in sums]
    total = sum(shares)
    return [share / total for share in shares]


def answer_of(link: Link, sums: Sequence[float]) -> Sequence[float]:
    """One row's sums, a number per output -> its answer."""
    if link == "softmax":
        return softmax(sums)
    return [logistic(each) for each in sums] if link == "logistic" else sums


def answers_of(link: Link, sums: Matrix) -> Matrix:
    """The same of many rows, (rows × outputs)."""
    if link == "logistic":
        return np.asarray(np.exp(-np.logaddexp(0.0, -sums)))
    if link == "softmax":
        shares = np.exp(sums - sums.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))
    return sums
