"""One platform for all claims about the pipeline, in the order in which they are made."""

from collections.abc import Iterator

import pytest

from tests.observability.programs import has_prometheus
from tests.observability.running import Prometheus, running_prometheus
from tests.pipeline.running import RunningPlatform
from tests.pipeline.timeline import Timeline

INTERVAL_SECONDS = 25.0
"""Between two batches: long enough for a loaded machine to finish one before the next."""


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """The platform, started as `make run` starts it."""
    running = RunningPlatform(
        tmp_path_factory.mktemp("platform") / "state", interval=INTERVAL_SECONDS
    )
    yield running
    if running.command.poll() is None:
        running.stop()


@pytest.fixture(scope="session", autouse=True)
def watching(
    platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus | None]:
    """A Prometheus that looks on from the beginning; None where there is none to run."""
    if not has_prometheus():
        yield None
        return
    folder = tmp_path_factory.mktemp("prometheus") / "state"
    targets = platform.state / "prometheus-targets.json"
    with running_prometheus(folder, targets, platform.addresses.catalog_url) as prometheus:
        yield prometheus


@pytest.fixture(scope="module")
def timeline(platform: RunningPlatform) -> Iterator[Timeline]:
    """Every record of every topic."""
    with Timeline(platform.addresses.kafka) as timeline:
        yield timeline
