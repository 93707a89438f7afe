"""Two classes: the probability of class 1 is judged."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relevo_contracts import Target
from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from trainer.judging.comparison import Answers, Comparison, Numbers, Outcomes
from trainer.judging.delong import auc_and_error
from trainer.judging.intervals import (
    RESAMPLES,
    TINY,
    log_losses,
    mean,
    normal,
    resampled,
)
from trainer.judging.rule import Confusion, Rule

FIGURE = "roc_auc"


def ask(estimator: Any, rows: object) -> Answers:
    """The probability of class 1, by an estimator of scikit-learn's kind."""
    return np.ascontiguousarray(estimator.predict_proba(rows)[:, 1:], np.float64)


def is_enough(y: Outcomes) -> bool:
    """True when both classes have two rows."""
    ones = int(np.count_nonzero(y))
    return min(ones, y.size - ones) >= 2


def losses(y: Outcomes, answers: Answers) -> Numbers:
    """The squared error of the probability, per row."""
    return np.asarray((answers[:, 0] - y) ** 2)


def leading(y: Outcomes, answers: Answers) -> Interval:
    """ROC-AUC, with DeLong's interval."""
    return normal(*auc_and_error(y == 1, answers[:, 0]))


def figures(y: Outcomes, answers: Answers) -> dict[str, Interval]:
    """ROC-AUC, PR-AUC, Brier score and log loss.

    PR-AUC's interval is a bootstrap of the rows; the last two are means.
    """
    probability = answers[:, 0]
    return {
        FIGURE: leading(y, answers),
        "pr_auc": average_precision(y, probability),
        "brier": mean(losses(y, answers)),
        "log_loss": mean(log_losses(np.where(y == 1, probability, 1 - probability))),
    }


def against_chance(_: Outcomes, y: Outcomes, answers: Answers) -> Comparison:
    """ROC-AUC against one half, by DeLong, and by no smaller error than by chance alone.

    Of few rows DeLong's error is too small: with 7 of 60 in class 1 it promotes noise
    twice as often as it should. That of an area by chance is (m + n + 1) / 12mn, squared.
    """
    area, error = auc_and_error(y == 1, answers[:, 0])
    ones = int(np.count_nonzero(y))
    by_chance = (y.size + 1) / (12 * ones * (y.size - ones))
    error = max(error, by_chance**0.5)
    return Comparison("chance", FIGURES[FIGURE], area, 0.5, area - 0.5, error)


def rule(y: Outcomes, answers: Answers) -> Rule:
    """The threshold of the largest F1 score."""
    probability = answers[:, 0]
    order = np.argsort(-probability, kind="stable")
    scores = probability[order]
    hits = np.cumsum(y[order], dtype=np.int64)
    f1 = 2 * hits / (np.arange(1, y.size + 1) + hits[-1])
    # a threshold takes all rows of one probability or none
    ends = np.append(np.flatnonzero(np.diff(scores)), scores.size - 1)
    return Rule(threshold=float(scores[ends[int(np.argmax(f1[ends]))]]))


def confusion(y: Outcomes, answers: Answers, rule: Rule) -> Confusion:
    """Counts, when a probability from the threshold on is answered by class 1."""
    says = answers[:, 0] >= (0.5 if rule.threshold is None else rule.threshold)
    cells = np.bincount(2 * y.astype(np.intp) + says, minlength=4)
    return ((int(cells[0]), int(cells[1])), (int(cells[2]), int(cells[3])))


def rates(y: Outcomes, answers: Answers, rule: Rule) -> dict[str, float]:
    """Precision, recall and specificity of class 1."""
    (right, false_alarms), (misses, hits) = confusion(y, answers, rule)
    return {
        "precision": hits / max(hits + false_alarms, 1),
        "recall": hits / max(hits + misses, 1),
        "specificity": right / max(right + false_alarms, 1),
    }


def said_and_came(y: Outcomes, answers: Answers) -> tuple[Numbers, Numbers]:
    """The probability of class 1, and whether it came."""
    return answers[:, 0], y.astype(np.float64)


def shares(y: Outcomes, answers: Answers) -> tuple[Numbers, Numbers]:
    """Of both classes: the share of the rows, and the mean answer."""
    came, said = float(y.mean()), float(answers[:, 0].mean())
    return np.array([1 - came, came]), np.array([1 - said, said])


def promise(target: Target) -> str:
    """What a model answers, in words."""
    negative, positive = (each.label for each in target.classes)
    return f"the probability of “{positive}” against “{negative}”"


def decision(target: Target, rule: Rule) -> str:
    """How its answer becomes a class."""
    return (
        f"From a probability of {rule.threshold:.4f} on the answer is"
        f" “{target.classes[1].label}” (the largest F1 on the validation rows)"
    )


def average_precision(y: Outcomes, probability: Numbers) -> Interval:
    """PR-AUC as average precision (scikit-learn's definition), by a seeded bootstrap."""
    order = np.argsort(-probability, kind="stable")
    ordered, scores = y[order], probability[order]
    # Equal scores are one threshold: precision counts only where a run of them ends.
    ends = np.append(np.flatnonzero(np.diff(scores)), scores.size - 1)
    value = _average_precision(ordered, np.ones(y.size), ends)
    random = np.random.default_rng(0)
    found = [
        _average_precision(
            ordered,
            np.bincount(random.integers(0, y.size, y.size), minlength=y.size),
            ends,
        )
        for _ in range(RESAMPLES)
    ]
    return resampled(value, np.array(found))


def _average_precision(
    ordered: Outcomes, weights: NDArray[np.float64 | np.int64], ends: NDArray[np.intp]
) -> float:
    hits = np.cumsum(weights * ordered, dtype=np.float64)[ends]
    seen = np.cumsum(weights, dtype=np.float64)[ends]
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return float(np.sum(np.diff(hits, prepend=0.0) * precision) / max(hits[-1], TINY))
