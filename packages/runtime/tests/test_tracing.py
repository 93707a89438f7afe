"""Spans follow a batch over services; nothing of OpenTelemetry is loaded without them."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from relevo_contracts import Envelope, ModelServed
from relevo_runtime.kafka.delivery import Delivery
from relevo_runtime.kafka.pausing import Patience
from relevo_runtime.kafka.publisher import KafkaPublisher
from relevo_runtime.kafka.receiving import Received
from relevo_runtime.kafka.watching import DeliveryMiddleware
from relevo_runtime.telemetry import tracing
from relevo_runtime.telemetry.spans import GivenIds, Spans

NOW = datetime(2026, 1, 2, tzinfo=UTC)
EVENT = ModelServed(
    model="m",
    model_version="1",
    serving_version="1",
    pod="pod-1",
    outcome="served",
    promotion_id="p",
    bundle_sha256="0" * 64,
    swap_seconds=0.1,
    served_at=NOW,
)


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is exported while tracing is on."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(id_generator=GivenIds())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_spans", Spans(provider))
    yield exporter
    provider.shutdown()


def traceparent(span: ReadableSpan) -> str:
    return f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"


def test_the_span_that_tells_an_event_is_the_one_that_the_event_names(
    exported: InMemorySpanExporter,
) -> None:
    envelope = Envelope.of(EVENT, source="test", cause="first")

    with tracing.telling(EVENT, envelope):
        pass

    (span,) = exported.get_finished_spans()
    assert traceparent(span) == envelope.traceparent
    assert span.parent is None
    assert span.name == "tell model.served"


def test_what_follows_from_an_event_is_below_it_also_in_another_process(
    exported: InMemorySpanExporter,
) -> None:
    first = Envelope.of(EVENT, source="test", cause="first")
    second = Envelope.of(EVENT, source="test", cause=first)

    with tracing.working(first.traceparent, "handle", began=NOW):
        handed_on = tracing.here("none")
        with tracing.telling(EVENT, second):
            pass

    told, handled = exported.get_finished_spans()
    assert handled.parent is not None
    assert f"{handled.parent.span_id:016x}" == first.traceparent.split("-")[2]
    assert handled.start_time == NOW.timestamp() * 1e9
    assert handed_on == traceparent(handled)
    assert traceparent(told) == second.traceparent
    assert told.parent == handled.context
    assert told.context.trace_id == handled.context.trace_id


def test_an_event_of_another_trace_is_not_put_below_the_work_around_it(
    exported: InMemorySpanExporter,
) -> None:
    other = Envelope.of(EVENT, source="test", cause="other")

    with (
        tracing.working(Envelope.of(EVENT, source="t", cause="a").traceparent, "handle"),
        tracing.telling(EVENT, other),
    ):
        pass

    told = exported.get_finished_spans()[0]
    assert (told.parent, traceparent(told)) == (None, other.traceparent)


def test_a_failure_is_seen_on_its_span_and_goes_on(exported: InMemorySpanExporter) -> None:
    parent = Envelope.of(EVENT, source="test", cause="first").traceparent

    with pytest.raises(ValueError, match="wrong"), tracing.working(parent, "handle"):
        raise ValueError("wrong")

    (span,) = exported.get_finished_spans()
    assert not span.status.is_ok


class Broker:
    """Takes every record."""

    async def send(self, *_: object, **__: object) -> None:
        """Nothing."""


class Message:
    """An event that has arrived."""

    topic, partition, offset, key = "model.served", 0, 0, b"pod-1"

    def __init__(self, envelope: Envelope) -> None:
        self.received = Received(EVENT, envelope)

    async def decode(self) -> Received[ModelServed]:
        return self.received


async def test_a_message_is_handled_and_its_outcome_told_in_one_trace(
    exported: InMemorySpanExporter,
) -> None:
    first = Envelope.of(EVENT, source="test", cause="first")
    second = Envelope.of(EVENT, source="test", cause=first)
    message: Any = Message(first)
    publisher = KafkaPublisher(cast(Any, Broker()), timeout=1)
    delivery = Delivery("test", publisher, Patience(), group="test", takes=lambda _: True)
    middleware = DeliveryMiddleware(message, context=cast(Any, None), delivery=delivery)

    async def handle(_: object) -> None:
        await publisher.publish(EVENT, second)

    await middleware.consume_scope(handle, message)

    told, handled = exported.get_finished_spans()
    assert (told.name, handled.name) == ("tell model.served", "handle model.served")
    assert told.parent == handled.context
    assert traceparent(told) == second.traceparent


def test_without_tracing_the_work_goes_on_and_nothing_is_imported() -> None:
    program = (
        "import sys; from relevo_runtime.kafka import consuming, publisher;"
        "from relevo_runtime.telemetry import tracing;"
        "tracing.configure_tracing('test', endpoint='');"
        "assert tracing.here('as it was') == 'as it was';"
        "sys.exit(any(name.startswith('opentelemetry.sdk') for name in sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
