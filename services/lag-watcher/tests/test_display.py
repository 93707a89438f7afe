"""What a look shows as metrics, and what it takes away."""

from collections.abc import Mapping

import pytest
from prometheus_client import REGISTRY

from lag_watcher.display import MetricsDisplay
from lag_watcher.lag import Group, Lag, Look, Partition, Span, Standing

RAW = Partition("batch.raw", 3)
CLEANER = {"group": "cleaner", "dataset": ""}
PLACE = CLEANER | {"topic": "batch.raw", "partition": "3"}
NOTHING = Look((), {}, ())


def value(name: str, labels: Mapping[str, str] | None = None) -> float | None:
    return REGISTRY.get_sample_value(f"relevo_lag_watcher_{name}", dict(labels or {}))


def seen(*, committed: int | None = 7, seconds: float | None = 2.5) -> Look:
    span = Span(1, 10)
    return Look(
        groups=(Group("cleaner", "Stable", 2, {}),),
        spans={RAW: span},
        lags=(Lag(Standing("cleaner", RAW, committed, span), seconds),),
    )


@pytest.fixture
def display() -> MetricsDisplay:
    return MetricsDisplay({"trainer-pima": "pima"})


def test_a_look_is_shown_by_group_topic_and_partition(display: MetricsDisplay) -> None:
    display.show(seen(), seconds=0.2)

    assert value("lag_records", PLACE) == 3
    assert value("lag_seconds", PLACE) == 2.5
    assert value("committed_offset", PLACE) == 7
    assert value("start_offset", {"topic": "batch.raw", "partition": "3"}) == 1
    assert value("end_offset", {"topic": "batch.raw", "partition": "3"}) == 10
    assert value("group_members", CLEANER) == 2
    assert value("group_state", CLEANER | {"state": "Stable"}) == 1
    assert value("up") == 1
    display.show(NOTHING, seconds=0.2)


def test_what_is_not_known_has_no_series(display: MetricsDisplay) -> None:
    display.show(seen(), seconds=0.2)
    display.show(seen(committed=None, seconds=None), seconds=0.2)

    assert value("committed_offset", PLACE) is None
    assert value("lag_seconds", PLACE) is None
    assert value("lag_records", PLACE) == 9
    display.show(NOTHING, seconds=0.2)


def test_what_is_gone_loses_its_series(display: MetricsDisplay) -> None:
    display.show(seen(), seconds=0.2)
    display.show(NOTHING, seconds=0.2)

    assert value("lag_records", PLACE) is None
    assert value("end_offset", {"topic": "batch.raw", "partition": "3"}) is None
    assert value("group_state", CLEANER | {"state": "Stable"}) is None


def test_a_group_of_one_dataset_says_whose_it_is(display: MetricsDisplay) -> None:
    partition = Partition("batch.clean", 0)
    standing = Standing("trainer-pima", partition, 1, Span(0, 3))
    group = Group("trainer-pima", "Empty", 0, {})

    display.show(Look((group,), {}, (Lag(standing, 8.0),)), seconds=0.2)

    whose = {"group": "trainer-pima", "dataset": "pima"}
    place = whose | {"topic": "batch.clean", "partition": "0"}
    assert value("lag_records", place) == 2
    assert value("lag_seconds", place) == 8.0
    assert value("group_members", whose) == 0
    display.show(NOTHING, seconds=0.2)


def test_during_an_outage_the_last_look_stays_and_is_marked_as_old(
    display: MetricsDisplay,
) -> None:
    display.show(seen(), seconds=0.2)
    looked_at = value("last_look_timestamp_seconds")
    failed = value("failed_looks_total") or 0

    display.show_outage()

    assert value("up") == 0
    assert value("lag_records", PLACE) == 3
    assert value("last_look_timestamp_seconds") == looked_at
    assert value("failed_looks_total") == failed + 1
    display.show(NOTHING, seconds=0.2)
