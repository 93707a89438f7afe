"""After the story: Prometheus saw enough of it to fill every panel and every rule."""

from pathlib import Path

import pytest

from relevo_observability.declared import all_series
from tests.observability.expressions import of_dashboards, of_rules
from tests.observability.loading import load
from tests.observability.running import Prometheus
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(420)]

ELSEWHERE = {
    "system: Memory of containers A": "cAdvisor runs beside containers only",
    "pipeline: Waiting for something that is away A": "a wait may fall between scrapes",
}
UNPROVOKED = {
    "relevo_registry_watcher_refusals_total": "no champion was refused",
    "relevo_runtime_outage_since_seconds": "the outages may have met nobody in a handler",
    "relevo_runtime_waiting_since_seconds": "a short wait may fall between two scrapes",
}


@pytest.fixture
def prometheus(watching: Prometheus | None) -> Prometheus:
    if watching is None:
        pytest.skip("no Prometheus here: observability/get-prometheus.sh could not get it")
    return watching


def test_the_pods_answer_ten_callers_as_the_thresholds_want(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    done = load(platform.addresses.inference[0], tmp_path, pace=0.2)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_panel_has_shown_data_while_batches_flowed(prometheus: Prometheus) -> None:
    rate = "rate(relevo_inference_unseen_categories_total[1m])"
    until(
        lambda: prometheus.has_shown(rate),
        seconds=30,
        what="Prometheus has not seen the callers' unseen categories",
    )

    silent = {
        asked.place
        for asked in of_dashboards()
        if not prometheus.has_shown(asked.in_a_test)
    }

    assert sorted(silent - ELSEWHERE.keys()) == []


def test_the_source_was_awake_by_plan_and_its_machine_ran(prometheus: Prometheus) -> None:
    for fact in (
        "relevo_source_expected_up == 1",
        "relevo_source_up == 1",
        'relevo_source_instance_state{state="running"} == 1',
    ):
        assert prometheus.has_shown(fact), fact


def test_every_rule_evaluates_and_every_recorded_figure_is_there(
    prometheus: Prometheus,
) -> None:
    recorded = [rule.place for rule in of_rules("recording.yml")]

    assert prometheus.unwell_rules() == {}
    assert [name for name in recorded if not prometheus.has_shown(name)] == []


def test_what_alerts_are_made_of_was_seen(prometheus: Prometheus) -> None:
    asked = {metric for alert in of_rules("alerts.yml") for metric in alert.metrics}

    unseen = {m for m in asked & all_series() if not prometheus.has_shown(m)}

    assert unseen - UNPROVOKED.keys() == set()


def test_the_dead_letter_of_the_story_raised_its_alert(prometheus: Prometheus) -> None:
    fired = 'ALERTS{alertname="DeadLetters", alertstate="firing", topic="batch.raw.dead"}'

    assert prometheus.has_shown(fired)
