"""A job makes one version, whatever became of earlier attempts."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from relevo_bundles import Bundle
from relevo_contracts import OutageError, PoisonError, Task
from relevo_contracts.registry_notes import Held
from relevo_datasets import TARGET, dataset_named
from relevo_datasets.clean_table import CleanTable
from trainer.jobs.job import Choose, do
from trainer.judging.champion import Holder
from trainer.judging.live import Live
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES
from trainer.learning.learning_set import dataset_of
from trainer.learning.stages import Progress
from trainer.learning.training import Trained
from trainer.recording.registered import HeldBatch, Registered
from trainer.recording.summary import statistics_of, statistics_of_live

pytestmark = pytest.mark.slow

Assign = Callable[[Sequence[Table]], Assignment]
every_task = pytest.mark.parametrize("task", get_args(Task))


class Killed(BaseException):
    """As kill -9: nothing that catches errors sees it."""


class MemoryTracking:
    """Tracking in lists; `dies_at` is a method that raises Killed, `outages` the methods
    that raise OutageError, in this order."""

    def __init__(self, dies_at: str | None = None) -> None:
        self.versions: dict[str, Registered] = {}
        self.bundles: dict[str, bytes] = {}
        self.alias: str | None = None
        self.hold: Held | None = None
        self.runs: list[str] = []
        self.dies_at = dies_at
        self.outages: list[str] = []

    def resume(self, assignment: Assignment) -> Registered | None:
        self._live("resume")
        return self.versions.get(assignment.run_key)

    def on_duty(self, model: str) -> Holder | None:
        self._live("on_duty")
        return Holder(self.alias, self.bundles[self.alias]) if self.alias else None

    def held(self, model: str) -> Held | None:
        self._live("held")
        return self.hold

    @contextmanager
    def run(self, assignment: Assignment) -> Iterator[str]:
        self._live("run")
        try:
            yield f"run-{len(self.runs)}"
        except BaseException:
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

    def hold_batch(
        self,
        assignment: Assignment,
        live: Live,
        reason: str,
        *,
        run_id: str,
        seconds: dict[str, float],
    ) -> HeldBatch:
        self._live("hold_batch")
        statistics = statistics_of_live(live, seconds)
        return HeldBatch(assignment.model, run_id, reason, statistics)

    def conclude(self, registered: Registered) -> Registered:
        self._live("conclude")
        if registered.is_promoted and self.alias == registered.relieves:
            self.alias = registered.version
        return registered

    def _live(self, method: str) -> None:
        if method == self.dies_at:
            raise Killed
        if self.outages[:1] == [method]:
            raise OutageError(f"MLflow is away, for {self.outages.pop(0)}")


@pytest.fixture
def small(tables_of: dict[Task, tuple[Table, ...]]) -> tuple[Table, ...]:
    """The dataset of the fewest columns is the quickest to learn from."""
    return tables_of["regression"]


def learned(*arguments: Any) -> Registered:
    """A job that ended with a version."""
    registered = do(*arguments)
    assert isinstance(registered, Registered)
    return registered


def ignore(_: Progress) -> None:
    """Nobody listens."""


def test_a_job_registers_a_version_and_moves_the_alias(
    assign: Assign, small: Sequence[Table], quick: Choose
) -> None:
    tracking = MemoryTracking()

    registered = learned(assign(small), tracking, ignore, quick)

    assert tracking.alias == registered.version == "1"
    assert tracking.runs == ["finished"]


def test_a_held_model_keeps_its_champion_and_the_reason_says_what_would_have_been(
    assign: Assign, small: Sequence[Table], quick: Choose
) -> None:
    tracking = MemoryTracking()
    tracking.hold = Held(who="ana", why="an audit")

    kept = learned(assign(small), tracking, ignore, quick)

    assert (tracking.alias, kept.is_promoted) == (None, False)
    assert kept.reason.startswith("held by ana: an audit; would have been promoted: beats ")
    assert (kept.statistics.z or 0) > 2


def test_a_job_that_was_killed_after_registering_is_only_concluded(
    assign: Assign, small: Sequence[Table], quick: Choose
) -> None:
    tracking = MemoryTracking(dies_at="conclude")
    with pytest.raises(Killed):
        do(assign(small), tracking, ignore, quick)
    assert (tracking.alias, len(tracking.versions)) == (None, 1)

    tracking.dies_at = None
    told: list[Progress] = []
    do(assign(small), tracking, told.append, quick)

    assert (tracking.alias, len(tracking.versions)) == ("1", 1)
    assert not [progress for progress in told if progress.stage == "fit"]


def test_a_job_that_was_killed_before_registering_is_done_anew(
    assign: Assign, small: Sequence[Table], quick: Choose
) -> None:
    tracking = MemoryTracking(dies_at="register")
    with pytest.raises(Killed):
        do(assign(small), tracking, ignore, quick)

    tracking.dies_at = None
    do(assign(small), tracking, ignore, quick)

    assert tracking.runs == ["failed", "finished"]
    assert len(tracking.versions) == 1


@pytest.mark.parametrize("asked", ["resume", "run", "on_duty", "held"])
def test_an_outage_is_noticed_before_anything_is_learned(
    assign: Assign, small: Sequence[Table], quick: Choose, asked: str
) -> None:
    tracking, told = MemoryTracking(), list[Progress]()
    first = learned(assign(small), tracking, ignore, quick)
    again = replace(assign(small), code_version="other")

    tracking.outages = [asked]
    with pytest.raises(OutageError):
        do(again, tracking, told.append, quick)
    stages = {progress.stage for progress in told}
    second = learned(again, tracking, ignore, quick)

    assert stages <= {"look", "load"}
    assert second.statistics.champion_version == first.version


def test_what_is_fitted_outlasts_an_mlflow_that_refuses(
    assign: Assign, small: Sequence[Table], quick: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.jobs.outlasting.FIRST_SECONDS", 0.01)
    tracking, told = MemoryTracking(), list[Progress]()
    tracking.outages = ["register", "register", "conclude"]

    registered = do(assign(small), tracking, told.append, quick)

    assert isinstance(registered, Registered)
    assert (tracking.alias, tracking.runs) == (registered.version, ["finished"])
    assert [p.stage for p in told if p.stage == "fit lightgbm"] == ["fit lightgbm"]
    assert [(p.stage, p.waits) for p in told if p.waits] == [
        *[("register", "MLflow is away, for register")] * 2,
        ("conclude", "MLflow is away, for conclude"),
    ]


@every_task
def test_a_job_of_every_task_meets_its_champion_and_tells_all_figures(
    assign: Assign,
    tables_of: dict[Task, tuple[Table, ...]],
    few_trees: Choose,
    task: Task,
    quick: Choose,
) -> None:
    tracking, tables = MemoryTracking(), tables_of[task]
    first = learned(assign(tables[:1]), tracking, ignore, quick)

    second = learned(assign(tables), tracking, ignore, few_trees)

    assert first.is_promoted
    told = second.statistics
    assert (told.task, told.champion_version) == (task, first.version)
    assert told.figure == {
        "binary": "roc_auc",
        "multiclass": "accuracy",
        "regression": "r2",
    }.get(task)
    for figure in (told.validation, told.test, told.champion, told.live):
        assert 0.3 < (figure or 0) < 1
    assert (told.z or 0) * (told.standard_error or 0) == pytest.approx(
        told.difference, abs=1e-5
    )
    interval = told.intervals[str(told.figure)]
    assert interval["value"] == told.test
    assert [each.algorithm for each in told.candidates] == [
        each.algorithm for each in CANDIDATES[task]
    ]
    manifest = Bundle.read(tracking.bundles[second.version]).manifest
    assert (manifest.task, manifest.model) == (task, dataset_of(tables[0]).name)


def test_an_odd_batch_is_held_before_anything_learns_from_it(
    assign: Assign,
    clean_frame: Callable[..., pd.DataFrame],
    as_table: Callable[..., Table],
    quick: Choose,
) -> None:
    tracking, told = MemoryTracking(), list[Progress]()
    honest, wrong = (clean_frame(3_000, seed) for seed in (1, 2))
    tables = [as_table(honest, 1), as_table(wrong.assign(target=1 - wrong[TARGET]), 2)]
    learned(assign(tables[:1]), tracking, ignore, quick)

    held = do(assign(tables), tracking, told.append, quick)

    assert isinstance(held, HeldBatch)
    assert "of the rows are “readmitted within 30 days”, where champion v1" in held.reason
    assert (len(tracking.versions), tracking.runs[-1]) == (1, "finished")
    assert not [each for each in told if each.stage.startswith("fit")]
    assert (held.statistics.live or 1) < 0.4 < (held.statistics.champion or 0)
    assert held.statistics.champion_version == "1"

    released = replace(assign(tables), is_released=True, revision=2)
    assert learned(released, tracking, ignore, quick).version == "2"


@every_task
def test_shuffled_outcomes_are_not_promoted(
    assign: Assign, tables_of: dict[Task, tuple[Table, ...]], few_trees: Choose, task: Task
) -> None:
    table = tables_of[task][0]
    clean = CleanTable.from_parquet(table.content)
    random = np.random.default_rng(3)
    outcomes = random.permutation(clean.frame[TARGET].to_numpy())
    noise = replace(clean, frame=clean.frame.assign(**{TARGET: outcomes}))
    tracking = MemoryTracking()

    kept = learned(
        assign([replace(table, content=noise.to_parquet())]), tracking, ignore, few_trees
    )

    assert not kept.is_promoted
    assert kept.reason.startswith("does not beat ")
    assert tracking.alias is None


def test_a_champion_of_another_target_is_neither_met_nor_replaced(
    assign: Assign,
    clean_frame: Callable[..., pd.DataFrame],
    as_table: Callable[..., Table],
    tables_of: dict[Task, tuple[Table, ...]],
    quick: Choose,
) -> None:
    tracking = MemoryTracking()
    do(assign([as_table(clean_frame(1_500, 3), 1, "any")]), tracking, ignore, quick)

    second = learned(assign(tables_of["binary"]), tracking, ignore, quick)

    assert second.reason.startswith(
        "v1 serves and cannot be met: it predicts any of diabetes130 (binary)"
    )
    assert "would have been promoted: beats chance" in second.reason
    assert second.statistics.champion is None
    assert tracking.alias == "1"


@pytest.mark.parametrize("holder", [None, Holder("9", None)])
def test_who_serves_is_met_whatever_became_of_the_alias(
    assign: Assign, small: Sequence[Table], quick: Choose, holder: Holder | None
) -> None:
    tracking = MemoryTracking()
    first = learned(assign(small), tracking, ignore, quick)
    serving = Holder(first.version, tracking.bundles[first.version])
    tracking.alias = None if holder is None else holder.version
    tracking.bundles |= {} if holder is None else {holder.version: b"by hand"}

    again = replace(assign(small), code_version="other", promoted=serving)
    second = learned(again, tracking, ignore, quick)

    assert not second.is_promoted
    assert second.reason.startswith("is not better than champion v1 beyond noise")
    assert second.statistics.champion_version == first.version


def test_the_verdicts_against_a_champion_are_counted_on(
    assign: Assign, small: Sequence[Table], quick: Choose
) -> None:
    tracking = MemoryTracking()
    first = learned(assign(small), tracking, ignore, quick)
    sha256 = hashlib.sha256(tracking.bundles[first.version]).hexdigest()

    later = replace(assign(small), code_version="other", verdicts={"": 8, sha256: 2})
    told = learned(later, tracking, ignore, quick).statistics

    assert (first.statistics.verdict_number, told.verdict_number) == (1, 3)
    assert told.level == pytest.approx(0.05 / 12)
    assert told.needed_z == pytest.approx(2.638, abs=0.001)
    assert told.champion_sha256 == sha256


def test_a_declaration_that_cannot_be_followed_is_poison(
    assign: Assign, small: Sequence[Table], monkeypatch: pytest.MonkeyPatch, quick: Choose
) -> None:
    wrong = replace(dataset_named("diabetes130"), candidates={"xgboost": {}})
    monkeypatch.setattr("trainer.learning.learning_set.dataset_named", lambda _: wrong)

    with pytest.raises(PoisonError, match=r"candidates\.xgboost: no such candidate"):
        do(assign(small), MemoryTracking(), ignore, quick)


def test_tables_that_are_none_are_poison(assign: Assign, quick: Choose) -> None:
    table = Table("diabetes130-0001", "k", "0" * 64, b"text")

    with pytest.raises(PoisonError, match="not a clean table"):
        do(assign([table]), MemoryTracking(), ignore, quick)


def test_other_code_is_another_job(assign: Assign, small: Sequence[Table]) -> None:
    one = assign(small)

    assert one.run_key != replace(one, code_version="other").run_key
    assert one.run_key != replace(one, batch_id="diabetes130-0009").run_key
    assert one.run_key != replace(one, declaration="other").run_key
    assert one.run_key != replace(one, revision=2).run_key
