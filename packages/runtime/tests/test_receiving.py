"""Reading a record as an event."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from relevo_contracts import BatchRaw, Envelope, PoisonError
from relevo_runtime.kafka.receiving import receive


@dataclass
class FakeRecord:
    """A record as aiokafka gives it."""

    value: bytes | None
    headers: list[tuple[str, bytes]]
    key: bytes | None = None
    topic: str = "batch.raw"
    partition: int = 0
    offset: int = 0


def test_an_event_and_its_envelope_come_back(batch: Callable[[], BatchRaw]) -> None:
    event = batch()
    envelope = Envelope.of(event, source="test", cause="receive")
    record = FakeRecord(event.model_dump_json().encode(), envelope.to_headers())

    received = receive(record, BatchRaw)

    assert (received.event, received.envelope) == (event, envelope)


def test_a_field_that_a_newer_writer_added_is_ignored(
    batch: Callable[[], BatchRaw],
) -> None:
    event = batch()
    body = event.model_dump_json().encode().replace(b"{", b'{"colour": "blue", ', 1)
    envelope = Envelope.of(event, source="test", cause="newer")

    assert receive(FakeRecord(body, envelope.to_headers()), BatchRaw).event == event


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (None, "tombstone"),
        (b"", "not a BatchRaw"),
        (b"{", "not a BatchRaw"),
        (b"[]", "not a BatchRaw"),
        (b'{"batch_id": "a"}', "dataset"),
    ],
)
def test_the_reason_says_what_is_wrong_with_a_body(
    batch: Callable[[], BatchRaw], body: bytes | None, says: str
) -> None:
    headers = Envelope.of(batch(), source="test", cause="body").to_headers()

    with pytest.raises(PoisonError, match=says):
        receive(FakeRecord(body, headers), BatchRaw)
