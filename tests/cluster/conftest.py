"""One cluster for all claims about it, in the order in which they are made."""

from collections.abc import Iterator

import pytest

from tests.cluster.running import Cluster, own_secrets
from tests.pipeline.timeline import Timeline

INTERVAL_SECONDS = 50.0
PODS = 3


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Built, and empty: the first claim is about its start."""
    secrets = own_secrets(tmp_path_factory.mktemp("secrets"))
    cluster = Cluster(interval=INTERVAL_SECONDS, pods=PODS, secrets=secrets)
    cluster.down()
    cluster.build()
    try:
        yield cluster
    finally:
        cluster.client.close()
        cluster.down()


@pytest.fixture(scope="module")
def timeline(cluster: Cluster) -> Iterator[Timeline]:
    """Every record of every topic."""
    with Timeline(cluster.addresses.kafka) as timeline:
        yield timeline
