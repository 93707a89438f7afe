"""The gate lets a sound batch pass and says why another one is refused."""

import pytest

from cleaner.gate import Limits, refusal
from cleaner.report import Fault, QualityReport

LIMITS = Limits(max_quarantined_share=0.05, min_rows=100)


def report(**changes: object) -> QualityReport:
    facts: dict[str, object] = {
        "batch_id": "d-0001",
        "dataset": "d",
        "target": "<30",
        "rows_in": 1_000,
        "rows_out": 950,
        "rows_removed": 0,
        "rows_quarantined": 50,
        "removed": {},
        "quarantined": (
            Fault(column="age", reason="has no value", rows=50, examples=(None,)),
        ),
        "columns": {},
        "splits": {"train": 800, "validation": 75, "test": 75},
        "classes": {0: 900, 1: 50},
        "target_rate": 0.05,
    }
    return QualityReport.model_validate(facts | changes)


def test_a_batch_at_the_limits_passes() -> None:
    assert refusal(report(), LIMITS) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"rows_quarantined": 51},
            "51 of 1,000 rows (5.1%) cannot be read, at most 5.0% may be so: "
            "age has no value (50 rows, e.g. None)",
        ),
        ({"rows_out": 99}, "99 clean rows, at least 100 are needed"),
        ({"classes": {0: 950, 1: 0}}, "no row of class 1 of the target '<30'"),
        (
            {"splits": {"train": 950, "validation": 0, "test": 0}},
            "no row in the split 'validation'",
        ),
    ],
)
def test_a_batch_beyond_a_limit_is_refused_with_the_figures(
    changes: dict[str, object], reason: str
) -> None:
    assert refusal(report(**changes), LIMITS) == reason
