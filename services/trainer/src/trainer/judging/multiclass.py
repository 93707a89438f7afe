"""Several classes: the vector of their probabilities is judged."""

from typing import Any

import numpy as np

from relevo_contracts import Target
from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from trainer.judging.comparison import Answers, Comparison, Numbers, Outcomes, paired
from trainer.judging.delong import auc_and_error
from trainer.judging.intervals import RESAMPLES, log_losses, mean, normal, resampled
from trainer.judging.rule import Confusion, Rule

FIGURE = "accuracy"


def ask(estimator: Any, rows: object) -> Answers:
    """The probabilities of all classes, by an estimator of scikit-learn's kind."""
    return np.asarray(estimator.predict_proba(rows), np.float64)


def is_enough(y: Outcomes) -> bool:
    """True when two classes have two rows: a rare one may be absent."""
    return int(np.count_nonzero(np.bincount(_places(y)) >= 2)) >= 2


def losses(y: Outcomes, answers: Answers) -> Numbers:
    """The squared error of the vector, per row: the sum over its classes."""
    return np.asarray((answers**2).sum(axis=1) - 2 * _of_what_came(y, answers) + 1)


def leading(y: Outcomes, answers: Answers) -> Interval:
    """The share of rows whose class has the largest probability."""
    return mean((answers.argmax(axis=1) == y).astype(np.float64))


def figures(y: Outcomes, answers: Answers) -> dict[str, Interval]:
    """Accuracy, macro F1, ROC-AUC of each class against the rest, Brier score, log loss.

    Classes that the rows lack count for nothing.
    """
    return {
        FIGURE: leading(y, answers),
        "macro_f1": macro_f1(y, answers),
        "roc_auc_ovr": one_versus_rest(y, answers),
        "brier": mean(losses(y, answers)),
        "log_loss": mean(log_losses(_of_what_came(y, answers))),
    }


def against_chance(train: Outcomes, y: Outcomes, answers: Answers) -> Comparison:
    """Against the shares of the classes among the train rows, said of every row."""
    outputs = answers.shape[1]
    shares = np.bincount(_places(train), minlength=outputs) / train.size
    constant = np.tile(shares, (y.size, 1))
    return Comparison(
        "the shares of the classes",
        FIGURES[FIGURE],
        leading(y, answers).value,
        leading(y, constant).value,
        *paired(losses(y, answers), losses(y, constant)),
    )


def rule(_: Outcomes, __: Answers) -> Rule:
    """None is needed: the largest probability decides."""
    return Rule()


def confusion(y: Outcomes, answers: Answers, _: Rule) -> Confusion:
    """Counts, classes × classes."""
    outputs = answers.shape[1]
    cells = np.bincount(_places(y) * outputs + answers.argmax(axis=1), minlength=outputs**2)
    return tuple(map(tuple, cells.reshape(outputs, outputs).tolist()))


def rates(y: Outcomes, answers: Answers, rule: Rule) -> dict[str, float]:
    """Precision and recall, the mean over the classes that are there."""
    counts = np.array(confusion(y, answers, rule))
    hits, came, said = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return {
        "macro_precision": float((hits[said > 0] / said[said > 0]).mean()),
        "macro_recall": float((hits[came > 0] / came[came > 0]).mean()),
    }


def said_and_came(y: Outcomes, answers: Answers) -> tuple[Numbers, Numbers]:
    """The largest probability, and whether its class came."""
    return answers.max(axis=1), (answers.argmax(axis=1) == y).astype(np.float64)


def shares(y: Outcomes, answers: Answers) -> tuple[Numbers, Numbers]:
    """Of each class: the share of the rows, and the mean answer."""
    outputs = answers.shape[1]
    return np.bincount(_places(y), minlength=outputs) / y.size, answers.mean(axis=0)


def promise(target: Target) -> str:
    """What a model answers, in words."""
    return f"the probabilities of {', '.join(f'“{c.label}”' for c in target.classes)}"


def decision(_: Target, __: Rule) -> str:
    """How its answer becomes a class."""
    return "The answer is the class of the largest probability"


def macro_f1(y: Outcomes, answers: Answers) -> Interval:
    """The mean F1 of the classes, by a seeded bootstrap of the confusion's counts."""
    counts = np.array(confusion(y, answers, Rule()))
    cells = counts.ravel() / y.size
    others = np.random.default_rng(0).multinomial(y.size, cells, size=RESAMPLES)
    found = _macro_f1(np.concatenate([counts[None], others.reshape(-1, *counts.shape)]))
    return resampled(float(found[0]), found[1:])


def one_versus_rest(y: Outcomes, answers: Answers) -> Interval:
    """The mean ROC-AUC of the classes.

    Its error is at most the mean of theirs, which is taken: they share their rows.
    """
    found = [
        auc_and_error(is_one, answers[:, place])
        for place, is_one in enumerate(y == np.arange(answers.shape[1])[:, None])
        if min(is_one.sum(), (~is_one).sum()) >= 2
    ]
    areas, errors = np.array(found).T
    return normal(float(areas.mean()), float(errors.mean()))


def _macro_f1(counts: Answers) -> Numbers:
    """counts: (tables × classes × classes); answers (tables,)."""
    hits = np.diagonal(counts, axis1=1, axis2=2)
    rows = counts.sum(axis=1) + counts.sum(axis=2)
    f1 = np.divide(2.0 * hits, rows, out=np.zeros(hits.shape), where=rows > 0)
    return np.asarray(f1.sum(axis=1) / (rows > 0).sum(axis=1))


def _of_what_came(y: Outcomes, answers: Answers) -> Numbers:
    """The probability of the class that came."""
    return answers[np.arange(y.size), _places(y)]


def _places(y: Outcomes) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return y.astype(np.intp)
