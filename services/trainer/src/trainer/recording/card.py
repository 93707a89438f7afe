"""The model card: what a person should know before trusting a version, as Markdown.

After Mitchell et al. 2019, Model Cards for Model Reporting (doi:10.1145/3287560.3287596).
"""

from relevo_contracts.manifest import Interval
from relevo_datasets.splitting import SPLITS
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained

MOST_INPUTS = 10


def write_card(assignment: Assignment, trained: Trained) -> str:
    """What it is, what it learned from, how good it is and for whom, and its limits."""
    learning, evaluation = trained.learning, trained.challenger.evaluation
    dataset = learning.dataset
    negative, positive = dataset.labels[learning.target]
    rows = ", ".join(f"{learning.rows(split).size:,} {split}" for split in SPLITS)
    word = "promoted" if trained.verdict.is_promoted else "kept back"
    sections = [
        f"# {assignment.model}, learned up to {assignment.batch_id}",
        f"{trained.challenger.algorithm} on {dataset.title}: the probability of"
        f" “{positive}” against “{negative}”.",
        f"**{word.capitalize()}**: {trained.verdict.reason}.",
        "## Learned from",
        f"{len(learning.batches)} batches, {learning.batches[0]} to"
        f" {learning.batches[-1]}; rows: {rows}; nobody is in two splits. Code"
        f" {assignment.code_version}.",
        "## On the test rows",
        _metrics(evaluation.metrics),
        _decision(trained),
        "## Candidates",
        _candidates(trained),
        "## For whom",
        _slices(trained),
        "## What it looks at",
        _importance(trained),
        "## Limits",
        "Intervals count rows as independent; a patient may have several. The test rows"
        " are of the same years and hospitals as the train rows, so drift shows only in"
        " the live score, which every new batch gets before it is learned from. A"
        " probability is no diagnosis.",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _metrics(metrics: dict[str, Interval]) -> str:
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    lines += [
        f"| {name} | {each.value:.4f} | {each.low:.4f} to {each.high:.4f} |"
        for name, each in metrics.items()
    ]
    return "\n".join(lines)


def _decision(trained: Trained) -> str:
    evaluation = trained.challenger.evaluation
    rates = evaluation.confusion.rates
    figures = ", ".join(f"{name} {value:.3f}" for name, value in rates.items())
    return (
        f"From a probability of {evaluation.threshold:.4f} on the answer is 1 (the largest"
        f" F1 on the validation rows): {figures}."
    )


def _candidates(trained: Trained) -> str:
    lines = ["| candidate | ROC-AUC on validation | seconds |", "|---|---|---|"]
    lines += [
        f"| {each.candidate.algorithm} | {each.validation_auc:.4f} | {each.seconds:.1f} |"
        for each in trained.trials
    ]
    return "\n".join(lines)


def _slices(trained: Trained) -> str:
    lines = ["| slice | rows | rate | mean answer | ROC-AUC | recall |", "|" + "---|" * 6]
    lines += [
        f"| {each.feature} {each.value} | {each.rows:,} | {each.target_rate:.3f} |"
        f" {each.mean_probability:.3f} | {each.roc_auc.value:.3f}"
        f" ({each.roc_auc.low:.3f} to {each.roc_auc.high:.3f}) | {each.recall:.3f} |"
        for each in trained.challenger.evaluation.slices
    ]
    return "\n".join(lines)


def _importance(trained: Trained) -> str:
    largest = list(trained.challenger.evaluation.importance.items())[:MOST_INPUTS]
    return ", ".join(f"{name} ({lost:.4f})" for name, lost in largest)
