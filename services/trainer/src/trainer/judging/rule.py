"""By which rule a model's numbers are told; chosen on validation, never on test."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """What the task needs of it.

    threshold: the probability from which the answer is class 1. residuals: what is added
    to a number for the ends of its interval.
    """

    threshold: float | None = None
    residuals: tuple[float, float] | None = None


Confusion = tuple[tuple[int, ...], ...]
"""Rows counted by the class that came, and therein by the class that was answered."""
