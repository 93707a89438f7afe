"""A number: its distance from what came is judged."""

from typing import Any

import numpy as np

from relevo_contracts import Target
from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from trainer.judging.comparison import Answers, Comparison, Numbers, Outcomes, paired
from trainer.judging.intervals import TINY, error_of, mean, normal
from trainer.judging.rule import Rule

FIGURE = "r2"
ENDS = (0.05, 0.95)
"""Between these quantiles of the residuals are 90 % of the rows."""
READABLE = 1_000
"""Numbers from here on are told without fractions."""


def ask(estimator: Any, rows: object) -> Answers:
    """The numbers, by an estimator of scikit-learn's kind."""
    return np.asarray(estimator.predict(rows), np.float64)[:, None]


def is_enough(y: Outcomes) -> bool:
    """True when the number varies."""
    return y.size >= 2 and float(y.min()) < float(y.max())


def losses(y: Outcomes, answers: Answers) -> Numbers:
    """The squared error in units of the outcomes' variance, per row."""
    return _squared(y, answers) / float(y.var())


def leading(y: Outcomes, answers: Answers) -> Interval:
    """R²; its error is that of a ratio of two means (the delta method)."""
    squared, variance = _squared(y, answers), float(y.var())
    unexplained = float(squared.mean()) / variance
    influence = squared - unexplained * (y - y.mean()) ** 2
    return normal(1 - unexplained, error_of(influence) / variance)


def figures(y: Outcomes, answers: Answers) -> dict[str, Interval]:
    """R², the root of the mean squared error, and the mean absolute error."""
    squared = _squared(y, answers)
    root = float(squared.mean() ** 0.5)
    return {
        FIGURE: leading(y, answers),
        "rmse": normal(root, error_of(squared) / (2 * max(root, TINY))),
        "mae": mean(np.abs(answers[:, 0] - y)),
    }


def against_chance(train: Outcomes, y: Outcomes, answers: Answers) -> Comparison:
    """Against the mean of the train rows, said of every row."""
    constant = np.full((y.size, 1), float(train.mean()))
    return Comparison(
        "the mean",
        FIGURES[FIGURE],
        leading(y, answers).value,
        leading(y, constant).value,
        *paired(losses(y, answers), losses(y, constant)),
    )


def rule(y: Outcomes, answers: Answers) -> Rule:
    """What to add to an answer for the ends of an interval of 90 % of the rows."""
    low, high = np.quantile(y - answers[:, 0], ENDS)
    return Rule(residuals=(float(low), float(high)))


def confusion(_: Outcomes, __: Answers, ___: Rule) -> None:
    """There are no classes."""


def rates(y: Outcomes, answers: Answers, rule: Rule) -> dict[str, float]:
    """The share of the rows that are inside of their intervals."""
    low, high = rule.residuals or (-np.inf, np.inf)
    residuals = y - answers[:, 0]
    inside = (low <= residuals) & (residuals <= high)
    return {"interval_coverage": float(inside.mean())}


def said_and_came(y: Outcomes, answers: Answers) -> tuple[Numbers, Numbers]:
    """The numbers themselves."""
    return answers[:, 0], y.astype(np.float64)


def shares(_: Outcomes, __: Answers) -> tuple[Numbers, Numbers]:
    """There are no classes."""
    return np.empty(0), np.empty(0)


def promise(target: Target) -> str:
    """What a model answers, in words."""
    return f"the number {target.column}"


def decision(_: Target, rule: Rule) -> str:
    """How its answer becomes an interval."""
    low, high = rule.residuals or (0.0, 0.0)
    return (
        f"The interval of an answer goes from {_signed(low)} to {_signed(high)} around it"
        " (so did 90 % of the validation rows)"
    )


def _signed(number: float) -> str:
    return f"{number:+,.0f}" if abs(number) >= READABLE else f"{number:+.4g}"


def _squared(y: Outcomes, answers: Answers) -> Numbers:
    return np.asarray((answers[:, 0] - y) ** 2)
