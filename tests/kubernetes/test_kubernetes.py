"""The platform in Kubernetes, told in order: start, updates, kills, what it keeps."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from relevo_contracts import Topic
from relevo_contracts.results import Stage
from tests.conformance import claims
from tests.conformance.claims import champion, move_alias
from tests.kubernetes.calling import Calls, calling
from tests.kubernetes.lab import kubectl, listed, pods, run
from tests.kubernetes.platform import KubernetesPlatform
from tests.pipeline.reaching import until
from tests.pipeline.timeline import Timeline

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(900)]
READY_WITHIN_SECONDS = 240
PODS = 3
BATCHES = 7
SERVERS = ("kafka", "postgres", "minio")


def test_everything_is_ready_within_the_stated_time(platform: KubernetesPlatform) -> None:
    seconds = platform.up()

    assert seconds < READY_WITHIN_SECONDS
    print(f"ready after {seconds:.0f} s")  # noqa: T201


async def test_two_batches_become_a_champion_that_three_pods_serve(
    reached: KubernetesPlatform, timeline: Timeline
) -> None:
    await reached.until_trained(2, seconds=180)

    version = champion(reached)
    reached.until_served(version, seconds=60)
    assert len(reached.addresses.inference) == PODS

    def told() -> set[str]:
        """The pods that have said that they serve it."""
        return {
            record.body["pod"]
            for record in timeline.records(Topic.MODEL_SERVED)
            if record.body["outcome"] == "served"
            and record.body["model_version"] == version
        }

    until(lambda: len(told()) == PODS, seconds=30, what=lambda: f"only {told()} told it")


def test_the_service_answers(reached: KubernetesPlatform) -> None:
    assert reached.predict(reached.door)["model_version"] == champion(reached)


def test_relevo_tells_how_it_is_from_inside(reached: KubernetesPlatform) -> None:
    told = json.loads(run("relevo", "status", "--kubernetes", "--json"))

    assert told["unknown"] == {}
    (serving,) = {pod["serving_version"] for pod in told["pods"]}
    assert serving == champion(reached)
    assert len(told["pods"]) == PODS


async def test_batches_end_once_and_a_moved_alias_is_followed(
    reached: KubernetesPlatform,
) -> None:
    await claims.each_batch_ends_once(reached, batches=2)
    claims.a_moved_alias_is_followed(reached)


def while_called(
    platform: KubernetesPlatform, disturb: Callable[[], None], *, at_least: int = 500
) -> Calls:
    """Fifty requests a second, what happens meanwhile, an alias moved and moved back."""
    before = champion(platform)
    headers = platform.client.headers
    with calling(platform.door, headers) as calls, ThreadPoolExecutor(1) as thread:
        until(lambda: calls.answered > 100, seconds=30, what="nobody is answered")
        disturbing = thread.submit(disturb)
        move_alias(platform, "1")
        until(lambda: "1" in calls.versions, seconds=60, what="no pod followed the alias")
        move_alias(platform, before)
        disturbing.result()
        until(lambda: calls.answered > at_least, seconds=60, what="too few were answered")
    platform.look_again()
    platform.until_served(before, seconds=60)
    print(f"{calls.answered} answered, {len(calls.failed)} failed")  # noqa: T201
    assert set(calls.versions) <= {"1", before}
    assert calls.failed == []
    return calls


def rolled_out(name: str) -> None:
    kubectl("rollout", "status", f"deployment/{name}", "--timeout=300s", seconds=310)


def test_a_rolling_update_fails_no_request(reached: KubernetesPlatform) -> None:
    old = set(pods("inference"))

    def update() -> None:
        kubectl("rollout", "restart", "deployment/inference")
        rolled_out("inference")

    while_called(reached, update)
    assert not old & set(pods("inference"))


def test_a_drained_node_fails_no_request(reached: KubernetesPlatform) -> None:
    """One node is all that runs pods here, so it takes new ones again at once."""
    old = set(pods("inference"))
    (node,) = (n["metadata"]["name"] for n in listed("nodes"))

    def drain() -> None:
        with ThreadPoolExecutor(1) as thread:
            chosen = "--pod-selector=app.kubernetes.io/name=inference"
            draining = thread.submit(
                kubectl, "drain", node, chosen, "--delete-emptydir-data", seconds=300
            )
            until(
                lambda: (
                    kubectl("get", "node", node, "-o", "jsonpath={.spec.unschedulable}")
                    == "true"
                ),
                seconds=30,
                what="nobody drains the node",
            )
            kubectl("uncordon", node)
            draining.result()

    while_called(reached, drain)
    rolled_out("inference")
    assert not old & set(pods("inference"))


def test_a_killed_pod_fails_no_request(reached: KubernetesPlatform) -> None:
    def kill() -> None:
        kubectl(
            "delete", "pod", next(iter(pods("inference"))), "--grace-period=0", "--force"
        )

    while_called(reached, kill)
    rolled_out("inference")
    assert len(pods("inference")) == PODS


def test_kafkas_death_fails_no_request(reached: KubernetesPlatform) -> None:
    """The alias that moves meanwhile is followed when Kafka is back."""
    while_called(reached, lambda: delete("kafka"))


def delete(server: str) -> None:
    """Its pod goes, and comes back with its volume."""
    kubectl("delete", "pod", f"{server}-0", "--grace-period=1")
    kubectl("rollout", "status", f"statefulset/{server}", "--timeout=120s", seconds=130)


async def test_servers_keep_what_they_have_over_their_pods_death(
    reached: KubernetesPlatform,
) -> None:
    trained = len(await reached.results(Stage.TRAINED))
    with ThreadPoolExecutor() as threads:
        list(threads.map(delete, SERVERS))
    reached.look_again()

    assert len(await reached.results(Stage.TRAINED)) >= trained
    reached.until_served(champion(reached), seconds=60)


async def test_each_batch_has_ended_once(reached: KubernetesPlatform) -> None:
    await claims.each_batch_ends_once(reached, batches=BATCHES)


def test_a_deploy_again_runs_the_jobs_again_and_changes_nothing_else(
    reached: KubernetesPlatform,
) -> None:
    running = {name for n in ("inference", "trainer", "kafka") for name in pods(n)}
    before = {job["metadata"]["uid"] for job in listed("jobs")}

    reached.up()

    jobs = listed("jobs")
    assert not before & {job["metadata"]["uid"] for job in jobs}
    assert all(job["status"].get("succeeded") == 1 for job in jobs)
    assert running == {name for n in ("inference", "trainer", "kafka") for name in pods(n)}


async def test_outages_and_poison_are_stood_as_everywhere(
    reached: KubernetesPlatform,
) -> None:
    claims.after_an_outage_it_goes_on(
        reached, lambda server: delete({"store": "minio"}.get(server, server))
    )
    await claims.poison_becomes_a_dead_letter(reached)


def test_prometheus_asks_every_process(reached: KubernetesPlatform) -> None:
    def targets() -> dict[str, str]:
        answer = reached.client.get("http://prometheus:9090/api/v1/targets").json()
        return {
            f"{t['labels']['job']} {t['scrapeUrl']}": t["health"]
            for t in answer["data"]["activeTargets"]
        }

    until(
        lambda: set(targets().values()) == {"up"} and len(targets()) >= 7 + PODS + 1,
        seconds=60,
        what=lambda: f"not every target is up: {targets()}",
    )
