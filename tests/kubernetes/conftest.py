"""One platform in an empty Kubernetes for all claims, in the order of the file."""

from collections.abc import Iterator

import pytest

from tests.kubernetes.lab import cluster_addresses, images, is_up, lab, names_resolved
from tests.kubernetes.platform import (
    VOLUMES,
    KubernetesPlatform,
    needed_images,
    new_keys,
)
from tests.pipeline.timeline import Timeline


@pytest.fixture(scope="session")
def keys() -> dict[str, str]:
    """Random ones, of this session."""
    return new_keys()


@pytest.fixture(scope="session")
def kubernetes(keys: dict[str, str]) -> Iterator[None]:
    """Empty, with the images that are needed, and volumes that nobody has claimed yet."""
    if is_up():
        lab("down")
    lab("up")
    try:
        if missing := sorted(needed_images() - images()):
            lab("load", *missing, seconds=1200)
        for name in VOLUMES:
            lab("volume", name, "20Gi")
        yield
    finally:
        lab("down")


@pytest.fixture(scope="session")
def platform(kubernetes: None, keys: dict[str, str]) -> Iterator[KubernetesPlatform]:
    """Not started yet: the first claim is about its start."""
    platform = KubernetesPlatform(keys)
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
