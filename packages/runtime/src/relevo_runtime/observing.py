"""Which event is being handled: its identity on every log line written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from relevo_contracts import Envelope, Event

EVENT_FIELDS = ("batch_id", "model", "model_version")


@contextmanager
def observe(event: Event, envelope: Envelope) -> Iterator[None]:
    """Bind event_id, event_type, trace_id and what the event is about to the log lines."""
    about = {
        name: value
        for name in EVENT_FIELDS
        if (value := getattr(event, name, None)) is not None
    }
    with structlog.contextvars.bound_contextvars(
        event_id=envelope.id,
        event_type=envelope.type,
        trace_id=trace_id(envelope.traceparent),
        **about,
    ):
        yield


def trace_id(traceparent: str) -> str:
    """The trace's id of a W3C traceparent ("00-<trace id>-<parent id>-<flags>")."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) >= 4 else ""
