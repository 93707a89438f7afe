"""Spans by OpenTelemetry's SDK; imported only when tracing is on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from relevo_contracts import Envelope, Event

W3C = TraceContextTextMapPropagator()
GIVEN: ContextVar[tuple[int, int] | None] = ContextVar("GIVEN", default=None)
"""Trace and span id of the span that is being made, where an event has chosen them."""


class GivenIds(RandomIdGenerator):
    """Random ids, but for a span whose ids an event carries."""

    def generate_trace_id(self) -> int:
        given = GIVEN.get()
        return given[0] if given else super().generate_trace_id()

    def generate_span_id(self) -> int:
        given = GIVEN.get()
        return given[1] if given else super().generate_span_id()


class Spans:
    """What `tracing` does when it is on; the provider has GivenIds."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("relevo")

    @contextmanager
    def working(
        self, traceparent: str, name: str, *, began: datetime | None
    ) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name,
            context=W3C.extract({"traceparent": traceparent}),
            kind=trace.SpanKind.CONSUMER,
            start_time=int(began.timestamp() * 1e9) if began else None,
        ):
            yield

    @contextmanager
    def telling(self, event: Event, envelope: Envelope) -> Iterator[None]:
        trace_id, span_id = (int(each, 16) for each in envelope.traceparent.split("-")[1:3])
        around = trace.get_current_span()
        follows = around.get_span_context().trace_id == trace_id
        given = GIVEN.set((trace_id, span_id))
        try:
            span = self._tracer.start_span(
                f"tell {event.topic.value}",
                context=trace.set_span_in_context(around) if follows else Context(),
                kind=trace.SpanKind.PRODUCER,
                attributes={"event_id": envelope.id, "subject": envelope.subject},
            )
        finally:
            GIVEN.reset(given)
        with trace.use_span(span, end_on_exit=True):
            yield

    def here(self) -> str | None:
        carrier: dict[str, str] = {}
        W3C.inject(carrier)
        return carrier.get("traceparent")


def exporting(service: str, endpoint: str) -> Spans:
    """Spans that a thread of its own sends in batches, the last ones when we end."""
    provider = TracerProvider(
        id_generator=GivenIds(), resource=Resource.create({"service.name": service})
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Spans(provider)
