"""What a publisher makes of a broker that does not take its record."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
)

from relevo_contracts import BatchRaw, Envelope, OutageError
from relevo_runtime.kafka.producing import Producing
from relevo_runtime.kafka.publisher import KafkaPublisher


class Refusing(Producing):
    """Its broker answers with this error, or never."""

    def __init__(self, error: KafkaError | None) -> None:
        super().__init__("nowhere:9092", client_id="test")
        self._error = error

    async def send(self, *_: Any, **__: Any) -> None:
        if self._error is None:
            await asyncio.Event().wait()
        else:
            raise self._error


async def publish(event: BatchRaw, error: KafkaError | None) -> None:
    publisher = KafkaPublisher(Refusing(error), timeout=0.01)
    await publisher.publish(event, Envelope.of(event, source="test", cause="test"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KafkaConnectionError("refused"), "Kafka is away"),
        (OutOfOrderSequenceNumber(), "Kafka has lost what this producer had sent"),
        (None, "did not take a message for 'batch.raw' within 0.01 s"),
    ],
)
async def test_what_passes_is_an_outage_also_a_kafka_that_was_put_back(
    batch: Callable[[], BatchRaw], error: KafkaError | None, words: str
) -> None:
    with pytest.raises(OutageError, match=words):
        await publish(batch(), error)


async def test_what_repeats_itself_stays_what_it_is(batch: Callable[[], BatchRaw]) -> None:
    with pytest.raises(MessageSizeTooLargeError):
        await publish(batch(), MessageSizeTooLargeError())
