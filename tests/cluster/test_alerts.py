"""Alerts of the real Prometheus: who is stopped fires one, a restart of everything none."""

import time
from typing import Any

import httpx
import pytest

from tests.cluster.running import Cluster
from tests.pipeline.reaching import until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
FIRING = 'ALERTS{alertstate="firing"}'
GUARD_SECONDS = 180
"""So long after its start Prometheus says nothing of who is down."""


@pytest.fixture(scope="module")
def cluster(cluster: Cluster) -> Cluster:
    """Healthy for as long as a Prometheus that has just started says nothing."""
    cluster.update(pods=cluster.pods)
    until(
        lambda: uptime(cluster) > GUARD_SECONDS,
        seconds=GUARD_SECONDS + 30,
        what="Prometheus is too young",
    )
    return cluster


def asked(cluster: Cluster, path: str, **query: str) -> list[dict[str, Any]]:
    """What Prometheus answers."""
    (url,) = cluster.urls("prometheus", 9090)
    answer = httpx.get(f"{url}/api/v1/{path}", params=query).json()
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def uptime(cluster: Cluster) -> float:
    asking = 'time() - process_start_time_seconds{job="prometheus"}'
    return max(
        (float(each["value"][1]) for each in asked(cluster, "query", query=asking)),
        default=0,
    )


def firing(cluster: Cluster) -> set[str]:
    """'TargetDown cleaner' and so on, now."""
    return {name_of(each) for each in asked(cluster, "query", query=FIRING)}


def name_of(series: dict[str, Any]) -> str:
    labels = series["metric"]
    return f"{labels['alertname']} {labels.get('job', '')}".strip()


def until_fires(cluster: Cluster, alert: str, *, seconds: float) -> None:
    began = time.monotonic()
    until(
        lambda: alert in firing(cluster),
        seconds=seconds,
        what=lambda: f"{alert} does not fire, but: {firing(cluster)}",
    )
    print(f"{alert} fired after {time.monotonic() - began:.0f} s")  # noqa: T201


def test_a_cleaner_that_hangs_and_one_that_is_gone_are_told(cluster: Cluster) -> None:
    for stop, start in (("pause", "unpause"), ("stop", "start")):
        cluster.compose(stop, "cleaner")
        until_fires(cluster, "TargetDown cleaner", seconds=150)
        cluster.compose(start, "cleaner")
        until(
            lambda: "TargetDown cleaner" not in firing(cluster),
            seconds=60,
            what="TargetDown does not end",
        )


def test_a_pod_that_was_stopped_is_missed(cluster: Cluster) -> None:
    pod = cluster.containers("inference")[0]["ID"]
    assert cluster.run("docker", "stop", pod).returncode == 0
    until_fires(cluster, "PodsMissing inference", seconds=150)
    assert cluster.run("docker", "start", pod).returncode == 0
    until(
        lambda: "PodsMissing inference" not in firing(cluster),
        seconds=60,
        what="PodsMissing does not end",
    )
    cluster.look_again()


def test_a_quiet_cluster_that_is_restarted_three_times_fires_none(cluster: Cluster) -> None:
    began = time.time()
    for _ in range(3):
        names = cluster.running()
        cluster.compose("restart", *names, seconds=300)
        cluster.until_healthy(*names, seconds=240)
        cluster.look_again()
    until(
        lambda: uptime(cluster) > GUARD_SECONDS + 90,
        seconds=GUARD_SECONDS + 150,
        what="Prometheus is too young",
    )

    span = {"start": f"{began:.0f}", "end": f"{time.time():.0f}", "step": "10"}
    fired = asked(cluster, "query_range", query=FIRING, **span)
    assert {name_of(each) for each in fired} == set()
