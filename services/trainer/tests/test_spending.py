"""One chance of a false promotion, spent over all verdicts against one champion."""

from datetime import UTC, datetime

import numpy as np
import pytest

from relevo_contracts.results import Promotion, Stage, StageResult, Verdict
from relevo_contracts.statistics import TrainedStatistics
from trainer.judging.spending import CHANCE, EVER, level_of, needed_z, spent

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def result(
    number: int,
    verdict: Verdict = Verdict.KEPT,
    *,
    version: str | None = None,
    sha256: str | None = None,
) -> StageResult:
    told = TrainedStatistics(champion_version=version, champion_sha256=sha256)
    return StageResult(
        batch_id=f"a-{number}",
        dataset="a",
        number=number,
        stage=Stage.TRAINED,
        verdict=verdict,
        statistics=told.noted(),
        started_at=NOW,
        finished_at=NOW,
    )


def test_each_further_verdict_needs_more() -> None:
    assert [round(needed_z(number), 2) for number in (1, 2, 3, 4)] == [
        1.96,
        2.39,
        2.64,
        2.81,
    ]


def test_all_verdicts_together_spend_no_more_than_one_chance() -> None:
    assert sum(map(level_of, range(1, 100_000))) == pytest.approx(EVER, rel=1e-4)
    assert sum(map(level_of, range(1, 100_000))) < EVER


def test_of_streams_without_anything_to_learn_one_in_twenty_promotes_at_most() -> None:
    z = np.random.default_rng(1).normal(size=(2_000, 50))
    needed = np.array([needed_z(number) for number in range(1, 51)])

    assert (z > needed).any(axis=1).mean() < 0.05
    assert (z > 1.645).any(axis=1).mean() > 0.9, "so it was at the same level for each"


def test_verdicts_are_counted_by_the_champion_that_they_were_about() -> None:
    results = [
        result(1, Verdict.PROMOTED),
        result(2, version="1", sha256="one"),
        result(3, Verdict.REFUSED),
        result(4, Verdict.PROMOTED, version="1", sha256="one"),
        result(5, version="4", sha256="four"),
    ]

    assert spent(results, []) == {CHANCE: 1, "one": 2, "four": 1}


def test_verdicts_of_an_older_trainer_are_found_by_the_versions_promotion() -> None:
    promotion = Promotion(
        event_id="e",
        model="a",
        model_version="1",
        previous_version=None,
        bundle_sha256="one",
        batches=(),
        promoted_at=NOW,
    )

    assert spent([result(2, version="1")], [promotion]) == {"one": 1}
