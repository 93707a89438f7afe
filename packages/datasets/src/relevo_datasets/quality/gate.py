"""The quality gate: may anything be learned from this batch?"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from relevo_datasets.quality.report import ColumnQuality, QualityReport
from relevo_datasets.quality.usual import Usual
from relevo_features import shown

TOLD = 3
FEWEST_EXPECTED = 30
"""Of fewer values than these, most may be gone by chance."""


@dataclass(frozen=True)
class Limits:
    """What a batch must keep to; shares are 0 to 1.

    max_quarantined_share: of its rows that may be unreadable. min_rows: clean rows that
    it must have. max_unknown_rise: by how much a feature's share of unknown words may
    exceed the usual one. max_lost_share: of the values that a feature usually has, that
    may be missing.
    """

    max_quarantined_share: float = 0.05
    min_rows: int = 100
    max_unknown_rise: float = 0.2
    max_lost_share: float = 0.7


def refusal(report: QualityReport, limits: Limits, usual: Usual) -> str | None:
    """Why the batch is refused, in words; None lets it pass."""
    reasons = chain(
        _of_rows(report, limits),
        _of_target(report),
        _of_splits(report),
        _of_columns(report, limits, usual),
    )
    return next(reasons, None)


def _of_rows(report: QualityReport, limits: Limits) -> Iterator[str]:
    share = report.rows_quarantined / report.rows_in
    if share > limits.max_quarantined_share:
        faults = "; ".join(str(fault) for fault in report.quarantined[:TOLD])
        yield (
            f"{_misfit(report)}{report.rows_quarantined:,} of {report.rows_in:,} rows"
            f" ({share:.1%}) cannot be read, at most {limits.max_quarantined_share:.1%}"
            f" may be so: {faults}"
        )
    if report.rows_out < limits.min_rows:
        yield f"{report.rows_out:,} clean rows, at least {limits.min_rows:,} are needed"


def _misfit(report: QualityReport) -> str:
    """That the task is not the table's, when it is mostly the target that is strange."""
    fault = report.quarantined[0]
    if fault.column != report.target_column or not (report.classes and fault.different):
        return ""
    return (
        f"the target {report.target!r} has {report.target_words:,} different words,"
        f" {fault.different:,} of them in none of its {len(report.classes)} classes"
        f" ({report.task}): "
    )


def _of_target(report: QualityReport) -> Iterator[str]:
    """What the task cannot be learned from; of several classes one may be too rare."""
    numbers = report.target_numbers
    if numbers is not None and numbers.minimum == numbers.maximum:
        yield f"the target {report.target!r} is {numbers.minimum:g} in every row"
    present = [value for value, rows in report.classes.items() if rows]
    absent = [value for value, rows in report.classes.items() if not rows]
    if report.task == "binary" and absent:
        yield f"no row of class {absent[0]} of the target {report.target!r}"
    if report.task == "multiclass" and len(present) < 2:
        yield f"all rows are of class {present[0]} of the target {report.target!r}"


def _of_splits(report: QualityReport) -> Iterator[str]:
    for split, rows in report.splits.items():
        if rows == 0:
            yield f"no row in the split {split!r}"


def _of_columns(report: QualityReport, limits: Limits, usual: Usual) -> Iterator[str]:
    """The features whose words are not those that were learned from, the first few."""
    changed = (
        told
        for name, column in report.columns.items()
        for told in (
            *_strange(name, column, report.rows_out, limits, usual),
            *_emptied(name, column, report.rows_out, limits, usual),
        )
    )
    if first := list(islice(changed, TOLD)):
        yield "; ".join(first)


def _strange(
    name: str, column: ColumnQuality, rows: int, limits: Limits, usual: Usual
) -> Iterator[str]:
    share, before = column.unknown / rows, usual.unknown.get(name, 0.0)
    if share - before > limits.max_unknown_rise:
        frequent = sorted(column.unseen, key=lambda word: -column.unseen[word])[:TOLD]
        told = ", ".join(repr(shown(word)) for word in frequent)
        meant = f"; did you mean {column.nearest!r}?" if column.nearest else ""
        yield (
            f"{share:.1%} of the rows have a word for {name} that nobody knows, usually"
            f" {before:.1%} and at most {limits.max_unknown_rise:.1%} more: {told}{meant}"
        )


def _emptied(
    name: str, column: ColumnQuality, rows: int, limits: Limits, usual: Usual
) -> Iterator[str]:
    share, before = column.missing / rows, usual.missing.get(name, 1.0)
    expected = (1 - before) * rows
    if expected < FEWEST_EXPECTED:
        return
    lost = 1 - (rows - column.missing) / expected
    if lost > limits.max_lost_share:
        yield (
            f"{share:.1%} of the rows have no {name}, usually {before:.1%}: {lost:.1%} of"
            f" its values are gone, at most {limits.max_lost_share:.1%} may be so"
        )
