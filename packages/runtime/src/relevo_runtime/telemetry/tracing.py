"""Traces: what an event brought about, as OpenTelemetry spans; off unless asked for.

The traceparent that an event carries names a span. With tracing on there is one: "tell
TOPIC" has the id that the event carries, and what follows from the event is its child.
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING

from relevo_contracts import Envelope, Event

if TYPE_CHECKING:
    from relevo_runtime.telemetry.spans import Spans

_spans: "Spans | None" = None


def configure_tracing(service: str, *, endpoint: str | None) -> None:
    """Send spans to this OTLP endpoint (HTTP, such as http://127.0.0.1:4318) from now on.

    None or an empty one: no spans.
    """
    global _spans
    if endpoint:
        # Imported here: a service without traces has neither its memory nor its start.
        from relevo_runtime.telemetry.spans import exporting

        _spans = exporting(service, endpoint)


def working(
    traceparent: str, name: str, *, began: datetime | None = None
) -> AbstractContextManager[None]:
    """The block is work that follows from what the traceparent names."""
    if _spans is None:
        return nullcontext()
    return _spans.working(traceparent, name, began=began)


def telling(event: Event, envelope: Envelope) -> AbstractContextManager[None]:
    """The block publishes the event; it follows from the work around it."""
    return nullcontext() if _spans is None else _spans.telling(event, envelope)


def here(otherwise: str) -> str:
    """The traceparent of the work that is going on, or the other one without traces."""
    return otherwise if _spans is None else _spans.here() or otherwise
