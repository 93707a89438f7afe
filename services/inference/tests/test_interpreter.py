"""Neither a swap in a thread nor a collection of garbage holds up requests for long."""

import gc
import sys
from collections.abc import Iterator

import pytest

from inference.duty.interpreter import put_requests_first


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)


def test_what_lives_as_long_as_the_process_is_not_collected_any_more() -> None:
    lasting: list[object] = []
    lasting.append(lasting)

    put_requests_first()
    coming: list[object] = []

    looked_at = {id(each) for each in gc.get_objects()}
    assert id(lasting) not in looked_at
    assert id(coming) in looked_at


def test_a_thread_that_loads_gives_way_within_a_millisecond() -> None:
    put_requests_first()

    assert sys.getswitchinterval() < 0.001
