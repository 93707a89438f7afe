"""The claims about the platform of `relevo up`."""

from collections.abc import Iterator

import pytest

from tests.conformance import claims
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(600)]
INTERVAL_SECONDS = 40.0
BATCHES = 2
NAMES = {"store": "seaweedfs"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """As a person starts it."""
    state = tmp_path_factory.mktemp("conformance") / "state"
    running = RunningPlatform(state, interval=INTERVAL_SECONDS)
    yield running
    running.stop()


async def test_each_batch_ends_once(platform: RunningPlatform) -> None:
    await claims.each_batch_ends_once(platform, batches=BATCHES)


def test_a_moved_alias_is_followed(platform: RunningPlatform) -> None:
    claims.a_moved_alias_is_followed(platform)


def test_after_an_outage_it_goes_on(platform: RunningPlatform) -> None:
    def outage(server: str) -> None:
        name = NAMES.get(server, server)
        before = platform.pid(name)
        platform.kill(name)
        until(
            lambda: platform.are_ready() and platform.pid(name) != before,
            seconds=90,
            what=f"{name} does not come back",
        )

    claims.after_an_outage_it_goes_on(platform, outage)


async def test_poison_becomes_a_dead_letter(platform: RunningPlatform) -> None:
    await claims.poison_becomes_a_dead_letter(platform)
