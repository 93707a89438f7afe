"""The pods' door under callers: updates, other numbers of pods, dead and frozen ones."""

import asyncio
import csv
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cluster.running import Cluster
from tests.observability.loading import load
from tests.pipeline.reaching import EXAMPLE_REQUEST, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1200)]
OUT_OF_ROTATION_SECONDS = 10
CALLERS = 10


@pytest.fixture(scope="module")
def cluster(cluster: Cluster) -> Cluster:
    """With a first model behind the door, also where no other test has waited for it."""
    cluster.update(pods=cluster.pods)
    asyncio.run(cluster.until_trained(1, seconds=300))
    until(lambda: in_rotation(cluster) == cluster.pods, seconds=60, what="no pod is ready")
    return cluster


def in_rotation(cluster: Cluster) -> int:
    """How many pods the door sends requests to, as it tells Prometheus."""
    (url,) = cluster.urls("door", 8404)
    up = r'^haproxy_server_status\{proxy="pods",server="pod\d+",state="UP"\} 1$'
    return len(re.findall(up, httpx.get(f"{url}/metrics").text, re.MULTILINE))


def called_while(
    cluster: Cluster, folder: Path, doing: Callable[[], object]
) -> dict[str, int]:
    """Requests and failures of fifty callers at the door, for as long as it is done."""
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(doing)
        while not counts or not done.done():
            load(cluster.door, folder, shape="users50", pace=1, key=cluster.key)
            with (folder / "load_stats.csv").open() as report:
                total = list(csv.DictReader(report))[-1]
            counts.update(
                {key: int(total[f"{key} Count"]) for key in ("Request", "Failure")}
            )
        done.result()
    print(dict(counts))  # noqa: T201
    return counts


@contextmanager
def asked(cluster: Cluster) -> Iterator[Counter[object]]:
    """What a few callers of one row get meanwhile: 200, or what went wrong."""
    answers: Counter[object] = Counter()
    ends = threading.Event()

    def call() -> None:
        with httpx.Client(timeout=30, headers=cluster.client.headers) as client:
            while not ends.is_set():
                try:
                    answer = client.post(f"{cluster.door}/predict", json=EXAMPLE_REQUEST)
                    answers[answer.status_code] += 1
                except httpx.HTTPError as error:
                    answers[repr(error)] += 1
                ends.wait(0.05)

    with ThreadPoolExecutor(CALLERS) as threads:
        calls = [threads.submit(call) for _ in range(CALLERS)]
        try:
            yield answers
        finally:
            ends.set()
    for each in calls:
        each.result()


def of_one_pod(cluster: Cluster, program: str) -> None:
    """Run a line of Python in the first pod's container."""
    pod = cluster.containers("inference")[0]["ID"]
    cluster.run("docker", "exec", pod, "python", "-c", program)


def test_an_update_of_everything_under_fifty_callers_fails_no_request(
    cluster: Cluster, tmp_path: Path
) -> None:
    before = {each["ID"] for each in cluster.containers("inference")}
    cluster.configure(LOG_LEVEL="WARNING")  # as a commit does: another container of each

    counts = called_while(cluster, tmp_path, cluster.update)

    after = {each["ID"] for each in cluster.containers("inference")}
    assert len(after) == cluster.pods
    assert not before & after
    assert counts["Request"] > 1000
    assert counts["Failure"] == 0


def test_an_update_without_a_change_leaves_every_container_as_it_is(
    cluster: Cluster,
) -> None:
    before = {each["ID"] for each in cluster.containers()}

    cluster.update()

    assert {each["ID"] for each in cluster.containers()} == before


def test_more_and_fewer_pods_under_fifty_callers_fail_no_request(
    cluster: Cluster, tmp_path: Path
) -> None:
    def scale() -> None:
        cluster.update(pods=cluster.pods + 2)
        assert in_rotation(cluster) == cluster.pods + 2
        cluster.update(pods=cluster.pods)

    counts = called_while(cluster, tmp_path, scale)

    assert counts["Failure"] == 0
    assert len(cluster.containers("inference")) == cluster.pods


def test_a_killed_pod_costs_no_request_and_is_back_by_itself(cluster: Cluster) -> None:
    with asked(cluster) as answers:
        of_one_pod(cluster, "import os; os.kill(-1, 9)")
        until(lambda: answers[200] > 200, seconds=30, what=lambda: f"{answers}")
        until(
            lambda: in_rotation(cluster) == cluster.pods,
            seconds=60,
            what=lambda: f"{in_rotation(cluster)} pods are in rotation",
        )

    assert set(answers) == {200}
    cluster.look_again()


def test_a_frozen_pod_is_out_of_rotation_in_ten_seconds_and_back_by_itself(
    cluster: Cluster,
) -> None:
    with asked(cluster) as answers:
        of_one_pod(cluster, "import os, signal; os.kill(-1, signal.SIGSTOP)")
        until(
            lambda: in_rotation(cluster) == cluster.pods - 1,
            seconds=OUT_OF_ROTATION_SECONDS,
            what=lambda: f"{in_rotation(cluster)} pods are in rotation",
        )
        until(
            lambda: in_rotation(cluster) == cluster.pods,
            seconds=180,  # its health check ends it after four misses
            what=lambda: f"{in_rotation(cluster)} pods are in rotation",
        )

    print(answers)  # noqa: T201
    assert set(answers) == {200}
    cluster.look_again()


def test_a_request_keeps_its_id_and_gets_one_where_it_has_none(cluster: Cluster) -> None:
    url = f"{cluster.door}/predict"
    named = cluster.client.post(url, json=EXAMPLE_REQUEST, headers={"X-Request-ID": "mine"})
    nameless = cluster.client.post(url, json=EXAMPLE_REQUEST)

    assert named.headers["X-Request-ID"] == "mine"
    assert len(nameless.headers["X-Request-ID"]) == 36


def test_a_body_of_megabytes_passes_the_door(cluster: Cluster) -> None:
    rows = [dict(EXAMPLE_REQUEST)] * 10_000

    answer = cluster.client.post(f"{cluster.door}/predict_batch", json=rows, timeout=60)

    assert answer.status_code == 200, answer.text
    assert len(answer.request.content) > 4_000_000


def test_with_the_profile_pods_each_pod_has_a_door_of_its_own(cluster: Cluster) -> None:
    cluster.configure(PODS_PORTS="38001-38009")
    up = ("up", "--detach", "--wait", "--no-build", "pods")
    cluster.compose("--profile", "pods", *up)

    answers = [httpx.get(f"http://127.0.0.1:{port}/health") for port in range(38001, 38010)]

    named = [answer.headers.get("X-Relevo-Pod") for answer in answers]
    assert len({*named} - {None}) == named.index(None) == cluster.pods
    assert answers[-1].status_code == 503


def test_the_command_inside_of_the_network_knows_every_address(cluster: Cluster) -> None:
    told = cluster.compose("run", "--rm", "-T", "cli", "status", seconds=400)

    assert "Champion" in told
    assert "Unknown" not in told, told


def test_a_taken_port_is_told_before_anything_is_started(cluster: Cluster) -> None:
    (taken,) = cluster.urls("console")
    port = taken.rpartition(":")[2]
    before = {each["ID"] for each in cluster.containers()}
    other = ("COMPOSE_PROJECT_NAME=relevo-test-second", f"MLFLOW_PORT={port}")

    done = cluster.run("env", *other, sys.executable, "-m", "compose")

    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "set MLFLOW_PORT" in done.stderr
    assert {each["ID"] for each in cluster.containers()} == before
