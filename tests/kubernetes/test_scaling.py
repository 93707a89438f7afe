"""More pods under load, and fewer after it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest
import yaml

from tests.kubernetes.lab import ROOT, kubectl, listed, pods
from tests.kubernetes.platform import KubernetesPlatform
from tests.pipeline.reaching import EXAMPLE_REQUEST, until

pytestmark = [pytest.mark.kubernetes, pytest.mark.timeout(900)]
SCALER = ROOT / "kubernetes/components/hpa/hpa.yaml"
FEW, MANY = 2, 5
BODY = "\n".join([json.dumps(EXAMPLE_REQUEST)] * 2000)
CALLERS = 4


@pytest.fixture
def scaled_by_cpu(reached: KubernetesPlatform) -> Iterator[KubernetesPlatform]:
    """As the component says, but for less CPU and less patience: this machine is small."""
    scaler: dict[str, Any] = yaml.safe_load(SCALER.read_text())
    scaler["spec"]["metrics"][0]["resource"]["target"]["averageValue"] = "50m"
    scaler["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] = 15
    kubectl("apply", "-f", "-", given=json.dumps(scaler))
    yield reached
    kubectl("delete", "hpa", "inference")
    kubectl("scale", "deployment/inference", "--replicas=3")


def test_pods_follow_the_load_up_and_down(scaled_by_cpu: KubernetesPlatform) -> None:
    until(lambda: wanted("inference") == FEW, seconds=120, what="nothing scales down")

    idle = Event()
    with ThreadPoolExecutor(CALLERS) as threads:
        calling = [threads.submit(call, scaled_by_cpu, idle) for _ in range(CALLERS)]
        try:
            until(
                lambda: len(pods("inference")) == MANY,
                seconds=180,
                what=lambda: f"{len(pods('inference'))} pods are ready",
            )
        finally:
            idle.set()
    assert {status for each in calling for status in each.result()} == {200}

    until(lambda: wanted("inference") == FEW, seconds=180, what="nothing scales down")


def wanted(name: str) -> int:
    """How many pods the autoscaler has asked for."""
    (found,) = (d for d in listed("deployments") if d["metadata"]["name"] == name)
    replicas: int = found["spec"]["replicas"]
    return replicas


def call(platform: KubernetesPlatform, idle: Event) -> list[int]:
    """Batches of rows, one after the other, each by a connection of its own."""
    headers = {**platform.client.headers, "Content-Type": "application/x-ndjson"}
    found = []
    while not idle.is_set():
        answer = httpx.post(
            f"{platform.door}/predict_batch", content=BODY, headers=headers, timeout=60
        )
        found.append(answer.status_code)
    return found
