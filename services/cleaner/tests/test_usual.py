"""What was usual is what accepted batches with a lower number had."""

from datetime import UTC, datetime

import pytest

from cleaner.usual import usual_before
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_contracts.statistics import CleanStatistics
from relevo_datasets.quality.usual import Usual

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def cleaned(
    number: int,
    *,
    rows: int,
    verdict: Verdict = Verdict.ACCEPTED,
    unknown: dict[str, float] | None = None,
    missing: dict[str, float] | None = None,
) -> StageResult:
    return StageResult(
        batch_id=f"d-{number:04d}",
        dataset="d",
        number=number,
        stage=Stage.CLEAN,
        verdict=verdict,
        statistics=CleanStatistics(
            rows_out=rows, unknown_shares=unknown or {}, missing_shares=missing or {}
        ).noted(),
        started_at=NOW,
        finished_at=NOW,
    )


def test_shares_are_over_the_rows_of_all_earlier_batches() -> None:
    results = [
        cleaned(1, rows=300, unknown={"race": 0.0}, missing={"race": 0.1}),
        cleaned(2, rows=100, unknown={"race": 0.4}, missing={"race": 0.5}),
    ]

    usual = usual_before(3, results)

    assert usual.unknown == pytest.approx({"race": 0.1})
    assert usual.missing == pytest.approx({"race": 0.2})


def test_refused_and_later_batches_do_not_count() -> None:
    results = [
        cleaned(1, rows=100, missing={"race": 0.1}),
        cleaned(2, rows=100, missing={"race": 1.0}, verdict=Verdict.REFUSED),
        cleaned(4, rows=100, missing={"race": 0.9}),
    ]

    assert usual_before(3, results).missing == pytest.approx({"race": 0.1})
    assert usual_before(1, results) == Usual()


def test_a_feature_counts_from_the_batch_that_first_told_of_it() -> None:
    results = [
        cleaned(1, rows=900),
        cleaned(2, rows=100, missing={"race": 0.1}),
    ]

    assert usual_before(3, results).missing == pytest.approx({"race": 0.1})


def test_what_an_older_version_noted_is_no_history() -> None:
    old = cleaned(1, rows=900).model_copy(update={"statistics": {"rows_out": 900}})

    assert usual_before(2, [old]) == Usual()
