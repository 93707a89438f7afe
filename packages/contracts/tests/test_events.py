"""Events stay what they were, and their envelopes tell cause and repeat."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from relevo_contracts import BatchRaw, DeadLetter, Envelope, ObjectRef, PoisonError, Topic

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def batch_raw(number: int = 1) -> BatchRaw:
    return BatchRaw(
        batch_id=f"diabetes130-{number:04d}",
        dataset="diabetes130",
        number=number,
        table=ObjectRef(key="raw/x.parquet", sha256="0" * 64, size=10),
        rows=15_000,
        source_url="http://127.0.0.1/batches/1",
        source_sha256="1" * 64,
        released_at=NOW,
        ingested_at=NOW,
    )


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        batch_raw().rows = 3  # type: ignore[misc]


def test_an_event_written_by_a_newer_service_is_still_read() -> None:
    newer = batch_raw().model_dump(mode="json") | {"a_field_of_the_future": 1}

    assert BatchRaw.model_validate(newer) == batch_raw()


def test_the_envelope_survives_its_way_through_kafka_headers() -> None:
    envelope = Envelope.of(batch_raw(), source="ingestor", cause="first")

    assert Envelope.from_headers(envelope.to_headers()) == envelope


def test_a_repeat_of_the_same_work_has_the_same_id() -> None:
    first = Envelope.of(batch_raw(), source="ingestor", cause="a batch")
    again = Envelope.of(batch_raw(), source="ingestor", cause="a batch")
    other = Envelope.of(batch_raw(2), source="ingestor", cause="another batch")

    assert first.id == again.id
    assert first.id != other.id


def test_the_trace_of_the_cause_goes_on() -> None:
    cause = Envelope.of(batch_raw(), source="ingestor", cause="a batch")
    effect = Envelope.of(batch_raw(), source="cleaner", cause=cause)

    assert effect.traceparent.split("-")[1] == cause.traceparent.split("-")[1]
    assert effect.traceparent.split("-")[2] != cause.traceparent.split("-")[2]
    assert effect.id != cause.id


def test_the_trace_goes_on_through_a_server_that_kept_only_its_name() -> None:
    kept = Envelope.of(batch_raw(), source="trainer", cause="a batch").traceparent

    after = Envelope.of(batch_raw(), source="watcher", cause="alias", traceparent=kept)
    changed = Envelope.of(batch_raw(), source="watcher", cause="alias", traceparent="00-x")

    assert after.traceparent.split("-")[1] == kept.split("-")[1]
    assert changed.traceparent.split("-")[1] != kept.split("-")[1]
    assert len(changed.traceparent) == len(kept)


@pytest.mark.parametrize(
    "headers",
    [[], [("ce_id", b"1")], [("ce_id", b"\xff\xfe")]],
    ids=["none", "only the id", "not UTF-8"],
)
def test_headers_that_are_no_cloud_event_are_poison(
    headers: list[tuple[str, bytes]],
) -> None:
    with pytest.raises(PoisonError, match="not a CloudEvent"):
        Envelope.from_headers(headers)


def test_a_dead_letter_tells_its_origin_through_headers() -> None:
    letter = DeadLetter(
        reason="it does not parse: 'é'",
        stage="parse",
        service="cleaner",
        topic=Topic.BATCH_RAW,
        partition=2,
        offset=17,
        time=NOW,
    )

    assert DeadLetter.from_headers([*letter.to_headers(), ("ce_id", b"1")]) == letter


def test_every_work_topic_has_a_topic_for_its_dead_letters() -> None:
    assert Topic.BATCH_RAW.dead is Topic.BATCH_RAW_DEAD
    assert Topic.BATCH_CLEAN.dead is Topic.BATCH_CLEAN_DEAD
    with pytest.raises(ValueError, match="dead"):
        _ = Topic.MODEL_SERVED.dead


def test_promotions_are_kept_by_compaction_and_work_is_kept_for_days() -> None:
    assert Topic.MODEL_PROMOTED.configuration["cleanup.policy"] == "compact"
    assert Topic.BATCH_RAW.configuration["cleanup.policy"] == "delete"
