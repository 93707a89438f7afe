"""The end of the story, told after all others: everything stops, nothing is left."""

import pytest

from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.platform, pytest.mark.timeout(420)]


def test_ctrl_c_stops_everything_within_ten_seconds_and_leaves_nothing(
    platform: RunningPlatform,
) -> None:
    family = platform.family()
    seconds = platform.stop()

    assert seconds < 10
    assert [process for process in family if process.is_running()] == []
