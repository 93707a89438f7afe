"""The quality gate: may anything be learned from this batch?"""

from dataclasses import dataclass

from cleaner.report import QualityReport

FAULTS_TOLD = 3


@dataclass(frozen=True)
class Limits:
    """What a batch must keep to.

    max_quarantined_share: of its rows, 0 to 1, that may be unreadable.
    min_rows: clean rows that it must have.
    """

    max_quarantined_share: float
    min_rows: int


def refusal(report: QualityReport, limits: Limits) -> str | None:
    """Why the batch is refused, in words; None lets it pass."""
    share = report.rows_quarantined / report.rows_in
    if share > limits.max_quarantined_share:
        faults = "; ".join(str(fault) for fault in report.quarantined[:FAULTS_TOLD])
        return (
            f"{report.rows_quarantined:,} of {report.rows_in:,} rows ({share:.1%}) cannot"
            f" be read, at most {limits.max_quarantined_share:.1%} may be so: {faults}"
        )
    if report.rows_out < limits.min_rows:
        return f"{report.rows_out:,} clean rows, at least {limits.min_rows:,} are needed"
    for value, rows in report.classes.items():
        if rows == 0:
            return f"no row of class {value} of the target {report.target!r}"
    for split, rows in report.splits.items():
        if rows == 0:
            return f"no row in the split {split!r}"
    return None
