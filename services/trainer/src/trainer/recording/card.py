"""The model card: what a person should know before trusting a version, as Markdown.

After Mitchell et al. 2019, Model Cards for Model Reporting (doi:10.1145/3287560.3287596).
"""

from collections.abc import Iterable, Sequence

from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from relevo_datasets import Dataset
from relevo_datasets.splitting import SPLITS
from trainer.judging.spending import EVER
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained

MOST_INPUTS = 10
READABLE = 1_000
"""Numbers from here on are told without fractions."""


def write_card(assignment: Assignment, trained: Trained) -> str:
    """What it is, what it learned from, how good it is and for whom, and its limits."""
    learning, evaluation = trained.learning, trained.challenger.evaluation
    dataset, task = learning.dataset, learning.task
    rows = ", ".join(f"{learning.rows(split).size:,} {split}" for split in SPLITS)
    word = "promoted" if trained.verdict.is_promoted else "kept back"
    rates = ", ".join(
        f"{_words(name)} {rate:.3f}" for name, rate in evaluation.rates.items()
    )
    sections = [
        f"# {assignment.model}, learned up to {assignment.batch_id}",
        f"{trained.challenger.algorithm} on {dataset.title}:"
        f" {task.promise(learning.target)}.",
        f"**{word.capitalize()}**: {trained.verdict.reason}.",
        _level(trained),
        "## Learned from",
        f"{len(learning.batches)} batches, {learning.batches[0]} to"
        f" {learning.batches[-1]}; rows: {rows}; {_splitting(dataset)}. Code"
        f" {assignment.code_version}.",
        "## On the test rows",
        _metrics(evaluation.metrics),
        f"{task.decision(learning.target, evaluation.rule)}: {rates}.",
        "## Candidates",
        _candidates(trained),
        "## For whom",
        _slices(trained),
        "## What it looks at",
        _importance(trained),
        "## Limits",
        "Intervals count rows as independent, also those of one group. The test rows are of"
        " the same time and place as the train rows, so drift shows only in the live score,"
        " which every new batch gets before it is learned from.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _level(trained: Trained) -> str:
    verdict, comparison = trained.verdict, trained.verdict.comparison
    return (
        f"Verdict {verdict.number} against {comparison.rival}: z must exceed"
        f" {verdict.needed_z:.2f} (level {verdict.level:.3g}), so that in all verdicts"
        f" against one champion at most {EVER:.0%} promote a model that is no better."
        " It rests on the squared error per row; the figures below are told and do not"
        " decide."
    )


def _splitting(dataset: Dataset) -> str:
    group = dataset.rows.group
    return f"no {group} is in two splits" if group else "each row is in one split"


def _metrics(metrics: dict[str, Interval]) -> str:
    return _table(
        ("figure", "value", "95 % interval"),
        (
            (_words(name), _number(each.value, 4), _ends(each, 4))
            for name, each in metrics.items()
        ),
    )


def _candidates(trained: Trained) -> str:
    figure = _words(trained.challenger.evaluation.figure)
    return _table(
        ("candidate", f"{figure} on validation", "seconds"),
        (
            (each.candidate.algorithm, f"{each.figure:.4f}", f"{each.seconds:.1f}")
            for each in trained.trials
        ),
    )


def _slices(trained: Trained) -> str:
    evaluation = trained.challenger.evaluation
    if not evaluation.slices:
        return "No slice of the test rows is large enough to be judged."
    rates = tuple(map(_words, evaluation.rates))
    return _table(
        ("slice", "rows", "came, mean", "said, mean", _words(evaluation.figure), *rates),
        (
            (
                f"{each.feature} {each.value}",
                f"{each.rows:,}",
                _number(each.came),
                _number(each.said),
                f"{each.figure.value:.3f} ({_ends(each.figure)})",
                *(f"{rate:.3f}" for rate in each.rates.values()),
            )
            for each in evaluation.slices
        ),
    )


def _importance(trained: Trained) -> str:
    largest = list(trained.challenger.evaluation.importance.items())[:MOST_INPUTS]
    return ", ".join(f"{name} ({lost:.4f})" for name, lost in largest)


def _words(name: str) -> str:
    return FIGURES.get(name, name.replace("_", " "))


def _ends(interval: Interval, digits: int = 3) -> str:
    return f"{_number(interval.low, digits)} to {_number(interval.high, digits)}"


def _number(value: float, digits: int = 3) -> str:
    return f"{value:,.0f}" if abs(value) >= READABLE else f"{value:.{digits}f}"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
