"""One platform for all notebooks and examples, when all batches have come."""

import asyncio
from collections.abc import Iterator

import pytest

from relevo_contracts.results import Stage, Verdict
from relevo_contracts.statistics import TrainedStatistics
from tests.pipeline.running import RunningPlatform

BATCHES = 7
"""As many as there are: nothing moves the champion any more but what a test does."""


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """The platform as `relevo up` starts it, with its last batch learned from."""
    state = tmp_path_factory.mktemp("platform") / "state"
    running = RunningPlatform(state, interval=5.0)
    try:
        asyncio.run(running.until_trained(BATCHES, seconds=600))
        running.until_served(asyncio.run(newest_winner(running)), seconds=30)
        yield running
    finally:
        running.stop()


async def newest_winner(platform: RunningPlatform) -> str:
    """The version that won the newest of all verdicts that were won."""
    results = await platform.results(Stage.TRAINED)
    won = [each.statistics for each in results if each.verdict is Verdict.PROMOTED]
    return str(TrainedStatistics.read(won[-1]).model_version)
