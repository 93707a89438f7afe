"""Why a message could not be read, as a person would say it."""

from datetime import UTC, datetime

import pytest

from relevo_contracts import BatchRaw, DeadLetter, Envelope, ObjectRef
from relevo_contracts.envelope import Headers
from relevo_operations.reasons import in_words

NOW = datetime(2026, 1, 2, tzinfo=UTC)
EVENT = BatchRaw(
    batch_id="d-0001",
    dataset="d",
    number=1,
    table=ObjectRef(key="k", sha256="0" * 64, size=1),
    rows=1,
    source_url="u",
    source_sha256="0" * 64,
    released_at=NOW,
    ingested_at=NOW,
)
GOOD = Envelope.of(EVENT, source="ingestor", cause="c").to_headers()
LETTER = DeadLetter(
    reason="3 validation errors for BatchRaw",
    stage="parse",
    service="cleaner",
    topic="batch.raw",
    partition=0,
    offset=7,
    time=NOW,
)


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"", GOOD, "an empty message"),
        (b"<xml/>", GOOD, "not JSON: it begins with '<xml/>'"),
        (b"\x00\x01", GOOD, "not JSON: it begins with '\\x00\\x01'"),
        (b"[1]", GOOD, "JSON, but no object: it is a list"),
        (
            b'{"schema": {}, "payload": {}}',
            [],
            "looks like a Kafka Connect envelope (schema and payload around the event)",
        ),
        (
            b"{}",
            [("content-type", b"application/json")],
            "no CloudEvents headers (ce_id, ce_type …): sent by another producer?",
        ),
        (
            b"{}",
            [each for each in GOOD if each[0] != "ce_time"],
            "missing headers: ce_time",
        ),
        (
            EVENT.model_dump_json(exclude={"table", "rows"}).encode(),
            GOOD,
            "missing fields: table, rows",
        ),
        (b"{}", GOOD, "missing fields: batch_id, dataset, number, table and 5 more"),
        (
            EVENT.model_copy(update={"rows": 0}).model_dump_json().encode(),
            GOOD,
            "rows: Input should be greater than or equal to 1",
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_a_persons_words(
    body: bytes, headers: Headers, words: str
) -> None:
    assert in_words(LETTER, body, [*headers, *LETTER.to_headers()]) == words


def test_what_could_be_read_is_told_as_the_service_told_it() -> None:
    letter = LETTER.model_copy(update={"stage": "handle", "reason": "wrong hash"})

    assert in_words(letter, b"whatever", GOOD) == "wrong hash"
