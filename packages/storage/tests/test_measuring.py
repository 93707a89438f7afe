"""What a service waits for its stores is measured, also when they are away."""

import pytest
from prometheus_client import REGISTRY

from relevo_contracts import OutageError
from relevo_storage.measuring import measured


def calls(call: str, outcome: str) -> float:
    labels = {"store": "objects", "call": call, "outcome": outcome}
    return REGISTRY.get_sample_value("relevo_storage_call_seconds_count", labels) or 0.0


def test_a_call_that_is_answered_counts_as_answered_even_by_an_absence() -> None:
    with measured("objects", "get-a"):
        pass
    with pytest.raises(FileNotFoundError), measured("objects", "get-a"):
        raise FileNotFoundError

    assert calls("get-a", "answered") == 2
    assert calls("get-a", "away") == 0


def test_a_call_to_a_store_that_is_away_is_told_apart() -> None:
    with pytest.raises(OutageError), measured("objects", "get-b"):
        raise OutageError("away, says the test")

    assert calls("get-b", "away") == 1
    assert calls("get-b", "answered") == 0
