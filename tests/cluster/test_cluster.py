"""The cluster on Docker, told in order: its start, two batches, swaps, faults, consoles."""

import csv
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from mlflow import MlflowClient

from relevo.example import example_of
from relevo_contracts import Topic
from relevo_contracts.results import Stage, Verdict
from tests.cluster.running import Cluster
from tests.observability.loading import load
from tests.pipeline.reaching import MODEL, until, until_in_training
from tests.pipeline.timeline import Timeline, newest, of_batch

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]
BATCHES = 7
ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))
WATCHERS = ["alertmanager", "postgres-exporter", "node-exporter"]
TARGETS = len(SERVICES) - 1 + 3 + 4
"""The services but for inference, its pods, the door, and Prometheus with two exporters."""
HEALTHY_WITHIN_SECONDS = 180
AT_MOST_MEGABYTES = 3500
INFERENCE_ABOVE_ITS_BASE = 250_000_000
UNITS = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024}


def champion(cluster: Cluster) -> str:
    client = MlflowClient(cluster.addresses.mlflow)
    return str(client.get_model_version_by_alias(MODEL, "champion").version)


def move_alias(cluster: Cluster, version: str) -> None:
    client = MlflowClient(cluster.addresses.mlflow)
    client.set_registered_model_alias(MODEL, "champion", version)


def next_batch(timeline: Timeline, topic: Topic) -> int:
    """The number of the next batch that the topic tells of, once it has told it."""
    number = newest(timeline, topic) + 1
    timeline.wait_for(
        topic,
        lambda told: of_batch(number, told),
        seconds=120,
        what=f"{topic} does not tell of batch {number}",
    )
    return number


@pytest.mark.timeout(2400)  # the first build of the images is in it
def test_everything_is_healthy_within_the_stated_time_and_memory(cluster: Cluster) -> None:
    seconds = cluster.up()

    assert seconds < HEALTHY_WITHIN_SECONDS
    used = megabytes_used(cluster)
    print(f"healthy after {seconds:.0f} s; MB: {used}, {sum(used.values()):.0f} in all")  # noqa: T201
    assert sum(used.values()) < AT_MOST_MEGABYTES


def megabytes_used(cluster: Cluster) -> dict[str, float]:
    """What each running container takes of the machine's memory."""
    ids = cluster.compose("ps", "--quiet").split()
    told = docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *ids)
    found = re.findall(r"^relevo-test-(\S+) ([\d.]+)([KMG]iB)", told, re.MULTILINE)
    return {name: float(amount) * UNITS[unit] for name, amount, unit in found}


async def test_two_batches_become_a_champion_that_three_pods_serve(
    cluster: Cluster, timeline: Timeline
) -> None:
    await cluster.until_trained(2, seconds=300)

    assert newest(timeline, Topic.BATCH_CLEAN) >= 2
    version = champion(cluster)
    cluster.until_served(version, seconds=30)
    pods = {
        told.body["pod"]
        for told in timeline.records(Topic.MODEL_SERVED)
        if told.body["outcome"] == "served" and told.body["model_version"] == version
    }
    assert len(pods) == cluster.pods


def test_an_alias_that_a_person_moves_swaps_every_pod_and_back(cluster: Cluster) -> None:
    version = champion(cluster)
    for target in ("1", version):
        move_alias(cluster, target)
        cluster.until_served(target, seconds=20)


def test_data_source_and_ingestor_killed_when_a_batch_is_due(
    cluster: Cluster, timeline: Timeline
) -> None:
    number = newest(timeline, Topic.BATCH_RAW) + 1
    until(
        lambda: released(cluster) >= number,
        seconds=90,
        what=f"the data API does not release batch {number}",
    )
    cluster.kill("ingestor", "data-api")

    timeline.wait_for(
        Topic.BATCH_RAW,
        lambda told: of_batch(number, told),
        seconds=60,
        what=f"batch {number} was not taken after the kill",
    )


def released(cluster: Cluster) -> int:
    batches: list[object] = httpx.get(f"{cluster.addresses.data_api}/batches").json()[
        "batches"
    ]
    return len(batches)


def test_a_cleaner_killed_in_the_middle_of_a_batch_cleans_it(
    cluster: Cluster, timeline: Timeline
) -> None:
    number = next_batch(timeline, Topic.BATCH_RAW)
    cluster.kill("cleaner", "lag-watcher")

    timeline.wait_for(
        Topic.BATCH_CLEAN,
        lambda told: of_batch(number, told),
        seconds=90,
        what=f"batch {number} was not cleaned after the kill",
    )


async def test_a_trainer_killed_in_the_middle_of_training_trains_the_batch(
    cluster: Cluster,
) -> None:
    client = MlflowClient(cluster.addresses.mlflow)
    number = until_in_training(client, seconds=90)
    cluster.kill("trainer")

    await cluster.until_trained(number, seconds=150)


def test_watcher_and_pods_killed_know_the_champion_again(cluster: Cluster) -> None:
    cluster.kill("registry-watcher", "inference")

    cluster.until_healthy("registry-watcher", "inference")
    cluster.until_served(champion(cluster), seconds=60)


def test_the_servers_killed_and_kafka_restarted_in_the_middle_of_the_last_batch(
    cluster: Cluster, timeline: Timeline
) -> None:
    while newest(timeline, Topic.BATCH_RAW) < BATCHES:
        next_batch(timeline, Topic.BATCH_RAW)
    cluster.compose("restart", "kafka")
    cluster.kill("postgres", "minio", "mlflow")

    cluster.until_healthy(*cluster.running(), seconds=240)


async def test_every_batch_ended_once_and_nothing_was_given_up(
    cluster: Cluster, timeline: Timeline
) -> None:
    await cluster.until_trained(BATCHES, seconds=240)

    for topic in (Topic.BATCH_RAW, Topic.BATCH_CLEAN):
        ids = {told.headers["ce_id"] for told in timeline.records(topic)}
        assert len(ids) == BATCHES, f"{topic} tells of {len(ids)} batches"
        assert timeline.records(topic.dead) == []
    trained = await cluster.results(Stage.TRAINED)
    assert [result.number for result in trained] == list(range(1, BATCHES + 1))
    won = sum(result.verdict is Verdict.PROMOTED for result in trained)
    await cluster.until_recorded(champion(cluster), seconds=30)
    versions = MlflowClient(cluster.addresses.mlflow).search_model_versions(
        f"name='{MODEL}'"
    )
    assert len(versions) == BATCHES
    assert won >= 1


def test_fifty_callers_for_a_minute_see_no_failure_while_models_swap(
    cluster: Cluster, tmp_path: Path
) -> None:
    version = champion(cluster)
    with ThreadPoolExecutor(1) as thread:
        calling = thread.submit(
            load, cluster.door, tmp_path, shape="users50", pace=1, key=cluster.key
        )
        swaps = 0
        while not calling.done():
            target = version if swaps % 2 else "1"
            move_alias(cluster, target)
            cluster.until_served(target, seconds=20)
            swaps += 1
    move_alias(cluster, version)
    cluster.until_served(version, seconds=20)

    with (tmp_path / "load_stats.csv").open() as report:
        total = list(csv.DictReader(report))[-1]
    print(f"{swaps} swaps; {total}")  # noqa: T201
    assert int(total["Request Count"]) > 2000
    assert int(total["Failure Count"]) == 0
    assert swaps > 5


def test_a_service_that_dies_is_started_again_by_its_restart_policy(
    cluster: Cluster,
) -> None:
    kill_all = "import os; os.kill(-1, 9)"  # all but the first process, which then ends
    (before,) = cluster.urls("cleaner")
    cluster.try_compose("exec", "-T", "cleaner", "python", "-c", kill_all)
    until(
        lambda: cluster.urls("cleaner") not in ([], [before]),  # another free port
        seconds=30,
        what="the cleaner was not started again",
    )

    cluster.until_healthy("cleaner")
    cluster.look_again()


def test_a_service_that_is_frozen_is_ended_by_its_health_check_and_comes_back(
    cluster: Cluster,
) -> None:
    freeze_all = "import os, signal; os.kill(-1, signal.SIGSTOP)"
    (before,) = cluster.urls("cleaner")
    cluster.try_compose("exec", "-T", "cleaner", "python", "-c", freeze_all)
    until(
        lambda: cluster.urls("cleaner") not in ([], [before]),
        seconds=180,  # four checks of 15 s, each up to 4 s
        what="the frozen cleaner was not started again",
    )

    cluster.until_healthy("cleaner")
    cluster.look_again()


def test_prometheus_reaches_all_that_it_watches(cluster: Cluster) -> None:
    cluster.compose("--profile", "observability", "up", "--detach", "--wait", *WATCHERS)
    (prometheus,) = cluster.urls("prometheus", 9090)

    def targets() -> dict[str, str]:
        answer = httpx.get(f"{prometheus}/api/v1/targets").json()["data"]["activeTargets"]
        return {f"{t['labels']['job']} {t['scrapeUrl']}": t["health"] for t in answer}

    until(
        lambda: set(targets().values()) == {"up"} and len(targets()) >= TARGETS,
        seconds=60,
        what=lambda: f"not every target is up: {targets()}",
    )
    assert httpx.get(f"{prometheus}/api/v1/rules").json()["data"]["groups"]


@pytest.mark.parametrize("topic", [Topic.BATCH_CLEAN, Topic.MODEL_PROMOTED])
def test_kafkas_console_shows_events_that_a_person_can_read(
    cluster: Cluster, topic: Topic
) -> None:
    printed = cluster.compose(
        *("exec", "-T", "kafka", "/opt/kafka/bin/kafka-console-consumer.sh"),
        *("--bootstrap-server", "kafka:9092", "--topic", topic.value, "--from-beginning"),
        *("--formatter-property", "print.headers=true", "--max-messages", "1"),
    )

    headers, body = printed.strip().split("\t", 1)
    assert f"ce_type:relevo.{topic.value}.v1" in headers.split(",")
    assert json.loads(body)["version"] == 1


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gives_every_signal(cluster: Cluster, name: str) -> None:
    url = cluster.urls(name)[0]

    assert httpx.get(f"{url}/health").json()["status"] == "ok"
    assert f"relevo_{name.replace('-', '_')}_" in cluster.client.get(f"{url}/metrics").text
    assert cluster.compose("logs", "--no-log-prefix", "--tail", "1", name).strip()


def test_inference_holds_nothing_that_it_does_not_need(cluster: Cluster) -> None:
    absent = ("sklearn", "pandas", "mlflow", "pytest", "trainer", "cleaner", "pip", "uv")
    look = (
        f"from importlib.util import find_spec as f; print([m for m in {absent} if f(m)])"
    )

    printed = cluster.compose("exec", "-T", "inference", "/app/bin/python", "-c", look)
    user = cluster.compose("exec", "-T", "inference", "id", "--user")

    assert printed.strip() == "[]"
    assert user.strip() != "0"


def test_the_image_of_inference_is_small(cluster: Cluster) -> None:
    base = "python:3.13-slim"
    docker("run", "--rm", base, "true")  # BuildKit does not keep a base under its name

    above = image_bytes("relevo/inference:local") - image_bytes(base)

    assert above < INFERENCE_ABOVE_ITS_BASE


def image_bytes(name: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", name))


def docker(*arguments: str) -> str:
    """What a docker command prints; fails with what it complains."""
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
    return done.stdout


def test_production_refuses_to_start_on_a_default_secret(cluster: Cluster) -> None:
    done = cluster.try_compose(
        *("run", "--rm", "--no-deps", "--env", "S3_SECRET_KEY=local-only", "inference")
    )

    assert done.returncode != 0
    assert "S3_SECRET_KEY is a well-known word" in done.stdout + done.stderr


def test_production_refuses_to_start_without_keys(cluster: Cluster) -> None:
    done = cluster.try_compose(
        *("run", "--rm", "--no-deps", "--env", "API_KEYS_FILE=", "inference")
    )

    assert done.returncode != 0
    assert "relevo keys new NAME" in done.stdout + done.stderr


def test_a_pod_of_the_cluster_asks_for_a_key(cluster: Cluster) -> None:
    for url in cluster.urls("inference"):
        assert httpx.get(f"{url}/models").status_code == 401
        assert cluster.client.get(f"{url}/models").status_code == 200


def test_the_console_shows_the_cluster_and_asks_its_pods(cluster: Cluster) -> None:
    console = cluster.addresses.services["console"]
    version = champion(cluster)

    now = cluster.client.get(console, timeout=20).text
    form = cluster.client.get(f"{console}/predict/{MODEL}", timeout=20)

    assert f"{MODEL} <b>version {version}</b>" in now
    assert form.status_code == 200, form.text
    assert "time_in_hospital" in form.text


def test_three_datasets_side_by_side_are_answered_on_every_pod(cluster: Cluster) -> None:
    datasets = (MODEL, "pima", "covertype")
    cluster.learn_from(*datasets)
    cluster.up()

    def lacking() -> list[str]:
        """The models whose example a pod does not answer."""
        return [
            f"{name} at {pod}"
            for pod in cluster.addresses.inference
            for name in datasets
            if not answers(cluster, pod, name)
        ]

    until(
        lambda: not lacking(),
        seconds=420,
        what=lambda: f"not answered: {lacking()}\n{cluster.told()}",
    )


def answers(cluster: Cluster, pod: str, name: str) -> bool:
    """True when the pod answers for the model, and says its name."""
    try:
        url = f"{pod}/models/{name}/predict"
        answer = cluster.client.post(url, json=dict(example_of(name)))
    except httpx.TransportError:
        return False
    return answer.is_success and answer.json()["model_name"] == name
