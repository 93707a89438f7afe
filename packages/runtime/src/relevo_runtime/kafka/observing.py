"""Which event is being handled: its identity on every log line written meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from relevo_contracts import Envelope, Event

SUBJECT_FIELDS = ("batch_id", "model", "model_version")


def identity(event: Event, envelope: Envelope) -> dict[str, str]:
    """event_id, event_type, trace_id, and which batch or model the event is about."""
    subject = {
        name: str(getattr(event, name)) for name in SUBJECT_FIELDS if hasattr(event, name)
    }
    return {
        "event_id": envelope.id,
        "event_type": envelope.type,
        "trace_id": trace_id(envelope.traceparent),
        **subject,
    }


@contextmanager
def observe(event: Event, envelope: Envelope) -> Iterator[None]:
    """Put the event's identity on all log lines of the block, and of what it awaits."""
    with structlog.contextvars.bound_contextvars(**identity(event, envelope)):
        yield


def trace_id(traceparent: str) -> str:
    """The trace's id of a W3C traceparent ("00-<trace id>-<parent id>-<flags>")."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) >= 4 else ""
