"""The overlay `three-machines` on simulated nodes: who lands where, and who does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.kubernetes.lab import lab, listed_in, run
from tests.pipeline.reaching import until
from tests.repo.kubernetes import built, workloads

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(300)]
NAMESPACE = "three-machines"
"""Of its own, beside the platform that really runs."""
MACHINES = {"data": "first", "serving": "second", "watching": "third"}
CLAIMS = ("kafka", "postgres", "minio", "prometheus", "data-api")
NODES = Path(__file__).with_name("nodes.yaml")


@pytest.fixture(scope="module")
def placed(kubernetes: None) -> Iterator[None]:
    """Everything applied as it is, but for the namespace and the door's ports."""
    lab("nodes", str(NODES))
    for name in CLAIMS:
        lab("volume", f"three-{name}", "20Gi")
    manifests = yaml.safe_dump_all(built("three-machines"))
    manifests = manifests.replace("namespace: relevo\n", f"namespace: {NAMESPACE}\n")
    manifests = manifests.replace("  name: relevo\n---", f"  name: {NAMESPACE}\n---")
    run("kubectl", "create", "namespace", NAMESPACE)
    run("kubectl", "apply", "--server-side", "-f", "-", given=manifests)
    yield
    run("kubectl", "delete", "namespace", NAMESPACE, "--wait=false")
    run("kubectl", "delete", "-f", str(NODES))


def places() -> dict[str, set[str]]:
    """By workload, the nodes of its pods; "" for one that has none."""
    found: dict[str, set[str]] = {}
    for pod in listed_in(NAMESPACE, "pods"):
        name = pod["metadata"]["labels"]["app.kubernetes.io/name"]
        found.setdefault(name, set()).add(pod["spec"].get("nodeName", ""))
    return found


def test_every_pod_lands_where_it_belongs(placed: None) -> None:
    parts = {
        name: {MACHINES[workload["metadata"]["labels"]["app.kubernetes.io/component"]]}
        for name, workload in workloads("three-machines").items()
    }

    until(
        lambda: places() == parts,
        seconds=60,
        what=lambda: f"they are at {places()}, not at {parts}",
    )


def test_a_pod_that_does_not_fit_waits_and_says_why(placed: None) -> None:
    run(
        *("kubectl", "--namespace", NAMESPACE, "set", "resources", "deployment/trainer"),
        *("--requests=memory=20Gi", "--limits=memory=20Gi"),
    )

    until(
        lambda: "Insufficient memory" in reason("trainer"),
        seconds=60,
        what=lambda: f"the trainer says {reason('trainer')!r}, and is at {places()}",
    )


def reason(name: str) -> str:
    """Why the pod of a workload is not scheduled."""
    selected = ("pods", "-l", f"app.kubernetes.io/name={name}")
    return " ".join(
        condition.get("message", "")
        for pod in listed_in(NAMESPACE, *selected)
        for condition in pod["status"].get("conditions", [])
        if condition["type"] == "PodScheduled"
    )
