"""From what sources say to facts; nothing that they say breaks the reader."""

import pytest

from relevo_contracts import DeadLetter, Envelope
from relevo_contracts.envelope import Headers
from relevo_story.sources.data_api import to_facts
from relevo_story.sources.lag import to_lags
from relevo_story.sources.measurements import Sample
from relevo_story.sources.mending import to_mended
from relevo_story.sources.records import Record, to_fact
from relevo_story.sources.training import to_progress
from relevo_story.sources.trouble import Trouble
from relevo_story.telling import samples
from relevo_story.telling.facts import (
    Buried,
    Happened,
    Illegible,
    Lag,
    Mended,
    Progress,
    Released,
    Schedule,
)


def record(topic: str, value: bytes | None, headers: Headers) -> Record:
    return Record(topic, 2, 7, 1_700_000_000_000, b"key", value, headers)


def test_a_record_of_a_topic_is_its_event() -> None:
    event = samples.raw(1)
    headers = Envelope.of(event, source="ingestor", cause="1").to_headers()

    fact = to_fact(record("batch.raw", event.model_dump_json().encode(), headers))

    assert isinstance(fact, Happened)
    assert fact.event == event
    assert str(fact.place) == "batch.raw 2 7"


@pytest.mark.parametrize(
    "body", [b'{"batch_id": "diabetes130-0003"}', b"\xff", b"[]", None]
)
def test_a_dead_letter_names_its_batch_where_its_body_does(body: bytes | None) -> None:
    letter = samples.buried(3, "wrong").letter

    fact = to_fact(record("batch.raw.dead", body, letter.to_headers()))

    assert isinstance(fact, Buried)
    assert fact.letter == DeadLetter.from_headers(letter.to_headers())
    assert fact.batch_id == ("diabetes130-0003" if body and b"batch_id" in body else None)


@pytest.mark.parametrize(
    ("topic", "value", "headers"),
    [
        ("batch.raw", b"hello", []),
        ("batch.raw", None, [("ce_id", b"\xff")]),
        ("batch.raw.dead", b"{}", [("dead_reason", b"no more than this")]),
        ("somebody.elses", b"{}", []),
    ],
)
def test_a_record_that_is_none_of_ours_is_told_as_that(
    topic: str, value: bytes | None, headers: Headers
) -> None:
    fact = to_fact(record(topic, value, headers))

    assert isinstance(fact, Illegible)
    assert fact.reason


def test_the_listing_of_the_data_source_tells_what_came_and_what_comes() -> None:
    listing = {
        "now": "2026-11-21T12:00:03Z",
        "total": 7,
        "next_due": "2026-11-21T12:00:20Z",
        "batches": [{"number": 1, "rows": 15000, "released_at": "2026-11-21T12:00:00Z"}],
    }

    assert to_facts(listing, "diabetes130") == [
        Released("diabetes130-0001", "diabetes130", 1, 15_000, samples.at(1, 0)),
        Schedule("diabetes130", total=7, next_number=2, next_due=samples.at(2, 0)),
    ]


@pytest.mark.parametrize("listing", [{}, {"batches": [{}]}, {"batches": 3}, []])
def test_a_listing_that_is_none_is_an_error_with_a_name(listing: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="listing cannot be read"):
        to_facts(listing, "diabetes130")


def test_lag_is_summed_over_partitions_and_its_age_is_that_of_the_oldest() -> None:
    cleaner = {"group": "cleaner", "topic": "batch.raw"}
    found = to_lags(
        [
            Sample("relevo_lag_watcher_lag_records", cleaner | {"partition": "0"}, 2.0),
            Sample("relevo_lag_watcher_lag_records", cleaner | {"partition": "1"}, 1.0),
            Sample("relevo_lag_watcher_lag_seconds", cleaner | {"partition": "0"}, 9.5),
            Sample("relevo_lag_watcher_lag_seconds", cleaner | {"partition": "1"}, 0.0),
            Sample("python_info", {}, 1.0),
        ]
    )

    assert found.found == (Lag("cleaner", "batch.raw", 3, 9.5),)


def test_a_group_of_one_dataset_is_its_services() -> None:
    labels = {"group": "trainer-pima", "topic": "batch.clean", "dataset": "pima"}

    [lag] = to_lags([Sample("relevo_lag_watcher_lag_records", labels, 2.0)]).found

    assert (lag.service, lag.dataset, lag.records) == ("trainer", "pima", 2)


def test_a_batch_that_has_gone_from_the_source_leaves_a_gap() -> None:
    listing = {
        "total": 3,
        "next_due": "2026-11-21T12:00:40Z",
        "batches": [{"number": 2, "rows": 9, "released_at": "2026-11-21T12:00:20Z"}],
    }

    *_, schedule = to_facts(listing, "diabetes130")

    assert schedule == Schedule("diabetes130", 3, 3, samples.at(3, 0))


def test_a_source_that_fails_is_told_when_it_lasts_and_when_it_is_over() -> None:
    said: list[str] = []
    clock = iter([0.0, 5.0, 14.0, 15.0, 20.0])
    trouble = Trouble(
        "the catalog", lambda *told: said.append(told[0]), lambda: next(clock)
    )

    for _ in range(3):
        trouble.fails(OSError("refused"))
    assert said == []
    for _ in range(2):
        trouble.fails(OSError("refused"))
    trouble.is_over()
    trouble.is_over()

    assert said == [
        "cannot read the catalog just now: refused",
        "the catalog can be read again",
    ]


def test_the_trainers_progress_is_the_stage_of_each_batch_that_its_metrics_mark() -> None:
    stages = [
        {"model": "diabetes130", "batch_id": "diabetes130-0002", "stage": "fit lightgbm"},
        {"model": "pima", "batch_id": "pima-0001", "stage": "load"},
    ]

    busy = to_progress([Sample("relevo_trainer_stage", each, 1.0) for each in stages])

    assert busy == Progress({"diabetes130-0002": "fit lightgbm", "pima-0001": "load"})
    assert to_progress([Sample("relevo_trainer_verdicts_total", {}, 1.0)]) == Progress({})


def test_what_a_service_mended_is_what_it_counts_and_what_it_could_not_has_a_model() -> (
    None
):
    found = to_mended(
        "http://w",
        [
            Sample("relevo_reconciled_total", {"what": "bundle"}, 2.0),
            Sample("relevo_reconciled_total", {"what": "webhook"}, 0.0),
            Sample("relevo_registry_watcher_champion_held_back", {"model": "pima"}, 1.0),
            Sample("relevo_registry_watcher_bundle_lost", {"model": "pima"}, 0.0),
        ],
    )

    assert found == Mended("http://w", {"bundle": 2}, held_back=("pima",))
