"""Numbers in, lags out."""

from collections.abc import Collection, Mapping

import pytest

from lag_watcher.lag import (
    Group,
    Partition,
    Position,
    Span,
    Standing,
    lags,
    rounds,
    standings,
    waiting,
)

RAW = Partition("batch.raw", 0)
OTHER = Partition("batch.raw", 1)
CLEAN = Partition("batch.clean", 0)
SPANS = {RAW: Span(0, 10), OTHER: Span(0, 10), CLEAN: Span(0, 10)}


def standing(committed: int | None, span: Span) -> Standing:
    return Standing("cleaner", RAW, committed, span)


def group(
    committed: Mapping[Partition, int] | None = None, assigned: Collection[Partition] = ()
) -> Group:
    return Group("cleaner", "Stable", 1, committed or {}, assigned)


@pytest.mark.parametrize(
    ("committed", "span", "next_offset", "records"),
    [
        pytest.param(7, Span(0, 10), 7, 3, id="behind"),
        pytest.param(10, Span(0, 10), 10, 0, id="caught up"),
        pytest.param(0, Span(0, 10), 0, 10, id="committed the first offset"),
        pytest.param(None, Span(4, 10), 4, 6, id="never committed"),
        pytest.param(None, Span(0, 0), 0, 0, id="an empty log"),
        pytest.param(2, Span(4, 10), 4, 6, id="retention deleted what it would read"),
        pytest.param(10, Span(10, 10), 10, 0, id="retention deleted all, all was read"),
        pytest.param(90, Span(0, 10), 0, 10, id="the topic was made anew"),
    ],
)
def test_a_group_is_behind_by_what_it_would_read_from_now_on(
    committed: int | None, span: Span, next_offset: int, records: int
) -> None:
    assert standing(committed, span).next == Position(RAW, next_offset)
    assert standing(committed, span).records == records


def test_the_age_of_a_lag_is_the_age_of_its_oldest_waiting_record() -> None:
    behind = standing(7, Span(0, 10))

    [lag] = lags([behind], {Position(RAW, 7): 1_000.0}, now=1_012.5)

    assert lag.seconds == 12.5


def test_where_nothing_waits_the_lag_is_zero_seconds() -> None:
    [lag] = lags([standing(10, Span(0, 10))], {}, now=1_000.0)

    assert lag.seconds == 0.0


def test_a_record_whose_time_is_not_known_has_no_age() -> None:
    [lag] = lags([standing(7, Span(0, 10))], {}, now=1_000.0)

    assert lag.seconds is None
    assert lag.standing.records == 3


def test_a_record_from_the_future_has_no_negative_age() -> None:
    [lag] = lags([standing(7, Span(0, 10))], {Position(RAW, 7): 2_000.0}, now=1_000.0)

    assert lag.seconds == 0.0


def test_only_records_that_wait_have_to_be_read() -> None:
    behind, caught_up = standing(7, Span(0, 10)), standing(10, Span(0, 10))

    assert waiting([behind, caught_up]) == {Position(RAW, 7)}


def test_a_commit_in_one_partition_concerns_the_group_with_the_whole_topic() -> None:
    found = standings([group({RAW: 7})], SPANS, {})

    assert [(s.partition, s.committed) for s in found] == [(RAW, 7), (OTHER, None)]


def test_an_assigned_topic_concerns_a_group_that_never_committed() -> None:
    found = standings([group(assigned={CLEAN})], SPANS, {})

    assert [(s.partition, s.records) for s in found] == [(CLEAN, 10)]


def test_an_expected_topic_concerns_a_group_that_was_never_there() -> None:
    found = standings([group()], SPANS, {"cleaner": ["batch.raw", "no.such.topic"]})

    assert [s.partition for s in found] == [RAW, OTHER]


def test_a_group_that_reads_nothing_has_no_lag() -> None:
    assert standings([group()], SPANS, {"trainer": ["batch.clean"]}) == []


def test_a_commit_in_a_partition_that_is_gone_has_no_lag() -> None:
    assert standings([group({RAW: 7})], {CLEAN: Span(0, 10)}, {}) == []


def test_each_round_reads_a_partition_at_one_offset() -> None:
    positions = {Position(RAW, 1), Position(RAW, 5), Position(CLEAN, 2)}

    assert rounds(positions) == [{CLEAN: 2, RAW: 1}, {RAW: 5}]
    assert rounds([]) == []
