"""One platform in an empty Kubernetes for all claims, in the order of the file."""

from collections.abc import Iterator

import pytest

from tests.kubernetes.lab import cluster_addresses, images, lab, names_resolved
from tests.kubernetes.platform import VOLUMES, KubernetesPlatform, new_keys
from tests.pipeline.timeline import Timeline
from tests.repo.kubernetes import container, workloads

ABSENT = {"grafana"}
"""No image of it could be had where these tests were written: docs/kubernetes.md."""


@pytest.fixture(scope="session")
def kubernetes() -> Iterator[None]:
    """Empty, with our images in it and volumes that nobody has claimed yet."""
    lab("down")
    lab("up")
    try:
        needed = {
            container(workload)["image"]
            for name, workload in workloads("local").items()
            if name not in ABSENT
        }
        if missing := sorted(needed - images()):
            lab("load", *missing, seconds=1200)
        for name in VOLUMES:
            lab("volume", name, "20Gi")
        yield
    finally:
        lab("down")


@pytest.fixture(scope="session")
def platform(kubernetes: None) -> Iterator[KubernetesPlatform]:
    """Not started yet: the first claim is about its start."""
    platform = KubernetesPlatform(new_keys())
    yield platform
    platform.client.close()


@pytest.fixture
def reached(platform: KubernetesPlatform) -> Iterator[KubernetesPlatform]:
    """The platform as it is now, its names resolved in this process."""
    platform.look_again()
    with names_resolved(cluster_addresses()):
        yield platform


@pytest.fixture
def timeline(reached: KubernetesPlatform) -> Iterator[Timeline]:
    """Every record of every topic."""
    with Timeline(reached.addresses.kafka) as timeline:
        yield timeline
