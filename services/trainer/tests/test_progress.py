"""What a training tells of itself in metrics; they do not grow with batches."""

import pytest
from prometheus_client import REGISTRY
from pydantic import JsonValue

from relevo_contracts.statistics import TrainedStatistics
from relevo_runtime.retries import waits
from trainer.jobs.progress import Story, show_live, show_quality
from trainer.learning.stages import Progress
from trainer.metrics import begin
from trainer.recording.registered import Registered

Labels = dict[str, str]


def series(name: str, model: str) -> list[tuple[Labels, float]]:
    """All samples of a model's metric, but for its name."""
    found = [
        ({**sample.labels}, sample.value)
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == f"relevo_trainer_{name}"
    ]
    return [(labels, value) for labels, value in found if labels.pop("model", "") == model]


def registered(version: str, figure: str = "roc_auc", **told: float) -> Registered:
    statistics = TrainedStatistics.read({"figure": figure, **told}).model_copy(
        update={"intervals": {figure: {"value": 0.7, "low": 0.6, "high": 0.8}}}
    )
    return Registered("told", version, "run", True, "because", None, statistics)


def test_a_stage_is_marked_while_it_lasts_and_its_seconds_are_counted() -> None:
    with Story("staged", "staged-0001") as story:
        story.tell(Progress("load"))
        assert series("stage", "staged") == [
            ({"batch_id": "staged-0001", "stage": "load"}, 1.0)
        ]
        story.tell(Progress("load", 1.5))
    assert series("stage", "staged") == []
    assert series("stage_seconds_sum", "staged") == [({"stage": "load"}, 1.5)]


def test_a_job_that_waits_for_mlflow_is_shown_as_waiting_until_it_goes_on() -> None:
    def waits_for() -> list[str]:
        return [what for what in waits() if "waiting" in what]

    for goes_on in (Progress("register", 61.0), None):
        with Story("waiting", "waiting-0001") as story:
            story.tell(Progress("register"))
            for _ in range(2):
                story.tell(Progress("register", waits="the store is full"))
            assert waits_for() == ["MLflow, to register waiting"]
            if goes_on:
                story.tell(goes_on)
                assert waits_for() == []
        assert waits_for() == []


def test_candidates_are_shown_by_the_figure_of_their_task() -> None:
    with Story("tried", "tried-0001") as story:
        for figure, value in (("roc_auc", 0.6), ("accuracy", 0.7)):
            found: dict[str, JsonValue] = {"figure": figure, "validation": value}
            story.tell(Progress("fit lightgbm", 1.0, found))

    assert series("validation_figure_ratio", "tried") == [
        ({"figure": "accuracy", "algorithm": "lightgbm"}, 0.7)
    ]


def test_the_newest_version_takes_the_place_of_the_one_before() -> None:
    show_quality(registered("4", test=0.7, champion=0.65, live=0.66))
    show_quality(registered("5", "accuracy", test=0.8))

    assert series("test_figure_ratio", "told") == [
        ({"figure": "accuracy", "who": "challenger"}, 0.8)
    ]
    assert series("live_figure_ratio", "told") == []
    assert series("version_quality_ratio", "told") == [
        ({"model_version": "5", "figure": "accuracy", "bound": bound}, value)
        for bound, value in (("value", 0.7), ("low", 0.6), ("high", 0.8))
    ]


def test_the_champion_on_the_newest_batch_is_shown_with_its_version() -> None:
    told = TrainedStatistics(
        champion_version="4",
        figure="roc_auc",
        live=0.66,
        live_z=-1.5,
        live_loss=0.09,
        live_ece=0.01,
        live_came=0.12,
        live_said=0.11,
    )
    show_live("lived", told.model_copy(update={"champion_version": "3"}))
    show_live("lived", told)

    own = {"model_version": "4"}
    assert series("live_figure_ratio", "lived") == [(own | {"figure": "roc_auc"}, 0.66)]
    assert series("live_deviation_errors", "lived") == [(own, -1.5)]
    assert series("live_squared_error_ratio", "lived") == [(own, 0.09)]
    assert series("live_calibration_error_ratio", "lived") == [(own, 0.01)]
    assert series("live_share_ratio", "lived") == [
        (own | {"what": "came"}, 0.12),
        (own | {"what": "said"}, 0.11),
    ]


@pytest.mark.parametrize("verdict", ["promoted", "kept", "held", "refused"])
def test_verdicts_begin_with_0(verdict: str) -> None:
    begin(["begun"])

    assert ({"verdict": verdict}, 0.0) in series("verdicts_total", "begun")
