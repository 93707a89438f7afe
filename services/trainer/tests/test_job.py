"""A job makes one version, whatever became of earlier attempts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest

from relevo_contracts import OutageError, PoisonError
from trainer.jobs.job import do
from trainer.judging.champion import AliasHolder
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES
from trainer.learning.stages import Progress
from trainer.learning.training import Trained
from trainer.recording.registered import Registered
from trainer.recording.summary import statistics_of

Assign = Callable[[Sequence[Table]], Assignment]
QUICK = CANDIDATES[-1:]


class MemoryTracking:
    """Tracking in lists; `dies_at` is a method that raises OutageError."""

    def __init__(self, dies_at: str | None = None) -> None:
        self.versions: dict[str, Registered] = {}
        self.bundles: dict[str, bytes] = {}
        self.alias: str | None = None
        self.runs: list[str] = []
        self.dies_at = dies_at

    def resume(self, assignment: Assignment) -> Registered | None:
        self._live("resume")
        return self.versions.get(assignment.run_key)

    def on_duty(self, model: str) -> AliasHolder | None:
        self._live("on_duty")
        return AliasHolder(self.alias, self.bundles[self.alias]) if self.alias else None

    @contextmanager
    def run(self, assignment: Assignment) -> Iterator[str]:
        self._live("run")
        try:
            yield f"run-{len(self.runs)}"
        except OutageError:
            self.runs.append("failed")
            raise
        self.runs.append("finished")

    def register(
        self,
        assignment: Assignment,
        trained: Trained,
        *,
        run_id: str,
        relieves: str | None,
        seconds: dict[str, float],
    ) -> Registered:
        self._live("register")
        version = str(len(self.versions) + 1)
        self.bundles[version] = trained.challenger.bundle
        self.versions[assignment.run_key] = Registered(
            model=assignment.model,
            version=version,
            run_id=run_id,
            is_promoted=trained.verdict.is_promoted,
            reason=trained.verdict.reason,
            relieves=relieves,
            statistics=statistics_of(trained, seconds),
        )
        return self.versions[assignment.run_key]

    def conclude(self, registered: Registered) -> None:
        self._live("conclude")
        if registered.is_promoted and self.alias == registered.relieves:
            self.alias = registered.version

    def _live(self, method: str) -> None:
        if method == self.dies_at:
            raise OutageError("MLflow is away, says the test")


def ignore(_: Progress) -> None:
    """Nobody listens."""


def test_a_job_registers_a_version_and_moves_the_alias(
    assign: Assign, tables: Sequence[Table]
) -> None:
    tracking = MemoryTracking()

    registered = do(assign(tables), tracking, ignore, QUICK)

    assert tracking.alias == registered.version == "1"
    assert tracking.runs == ["finished"]


def test_a_job_that_was_killed_after_registering_is_only_concluded(
    assign: Assign, tables: Sequence[Table]
) -> None:
    tracking = MemoryTracking(dies_at="conclude")
    with pytest.raises(OutageError):
        do(assign(tables), tracking, ignore, QUICK)
    assert (tracking.alias, len(tracking.versions)) == (None, 1)

    tracking.dies_at = None
    told: list[Progress] = []
    do(assign(tables), tracking, told.append, QUICK)

    assert (tracking.alias, len(tracking.versions)) == ("1", 1)
    assert not [progress for progress in told if progress.stage == "fit"]


def test_a_job_that_was_killed_before_registering_is_done_anew(
    assign: Assign, tables: Sequence[Table]
) -> None:
    tracking = MemoryTracking(dies_at="register")
    with pytest.raises(OutageError):
        do(assign(tables), tracking, ignore, QUICK)

    tracking.dies_at = None
    do(assign(tables), tracking, ignore, QUICK)

    assert tracking.runs == ["failed", "finished"]
    assert len(tracking.versions) == 1


def test_an_outage_is_noticed_before_anything_is_learned(
    assign: Assign, tables: Sequence[Table]
) -> None:
    told: list[Progress] = []

    with pytest.raises(OutageError):
        do(assign(tables), MemoryTracking(dies_at="resume"), told.append, QUICK)

    assert {progress.stage for progress in told} == {"look"}


def test_the_statistics_are_those_that_the_live_view_shows(
    assign: Assign, tables: Sequence[Table]
) -> None:
    tracking = MemoryTracking()
    do(assign(tables[:1]), tracking, ignore, QUICK)

    second = do(assign(tables), tracking, ignore, QUICK)

    statistics = second.statistics
    assert statistics["algorithm"] == "logistic_regression"
    assert statistics["champion_version"] == "1"
    for name in ("validation_auc", "test_auc", "champion_auc", "live_auc"):
        assert 0.5 < float(str(statistics[name])) < 1
    difference = float(str(statistics["test_auc"])) - float(str(statistics["champion_auc"]))
    assert statistics["difference"] == pytest.approx(difference, abs=2e-6)
    auc = cast(dict[str, dict[str, float]], statistics["intervals"])["roc_auc"]
    assert auc["low"] < auc["value"] < auc["high"]


def test_tables_that_are_none_are_poison(assign: Assign) -> None:
    table = Table("diabetes130-0001", "k", "0" * 64, b"text")

    with pytest.raises(PoisonError, match="not a clean table"):
        do(assign([table]), MemoryTracking(), ignore, QUICK)


def test_other_code_is_another_job(assign: Assign, tables: Sequence[Table]) -> None:
    one = assign(tables)

    assert one.run_key != replace(one, code_version="other").run_key
    assert one.run_key != replace(one, batch_id="diabetes130-0009").run_key
