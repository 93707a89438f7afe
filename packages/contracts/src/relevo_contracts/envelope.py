"""CloudEvents 1.0 in Kafka's binary mode: the attributes of an event are record headers.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict

from relevo_contracts.errors import PoisonError

if TYPE_CHECKING:
    from relevo_contracts.events import Event

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:relevo:events")
PREFIX = "ce_"
CONTENT_TYPE = "application/json"
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

Headers = list[tuple[str, bytes]]


class Envelope(BaseModel):
    """The attributes that travel beside an event's body."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    source: str
    type: str
    time: datetime
    subject: str
    traceparent: str
    specversion: str = "1.0"

    @classmethod
    def of(
        cls,
        event: "Event",
        *,
        source: str,
        cause: "Envelope | str",
        traceparent: str | None = None,
    ) -> Self:
        """The envelope of an event that `cause` brought about.

        The id is derived from the cause, so a repeat of the work has the same id;
        the trace goes on where the cause's trace was (W3C Trace Context, version 00).
        A first cause, which has no envelope, is named by a string of its own; its trace
        is that of `traceparent`, or a new one.
        """
        cause_id = cause if isinstance(cause, str) else cause.id
        if isinstance(cause, Envelope):
            traceparent = cause.traceparent
        trace = TRACEPARENT.fullmatch(traceparent or "")
        trace_id = trace[1] if trace else uuid.uuid5(NAMESPACE, f"trace|{cause_id}").hex
        return cls(
            id=derived_id(event.type, cause_id, event.key),
            source=f"/relevo/{source}",
            type=event.type,
            time=datetime.now(UTC),
            subject=event.key,
            traceparent=f"00-{trace_id}-{secrets.token_hex(8)}-01",
        )

    @property
    def trace_id(self) -> str:
        """Of the trace that it belongs to: 32 hex digits; whatever else stands there."""
        trace = TRACEPARENT.fullmatch(self.traceparent)
        return trace[1] if trace else self.traceparent

    def follows(self, cause: "Envelope") -> bool:
        """True when its id says that this cause brought it about."""
        return self.id == derived_id(self.type, cause.id, self.subject)

    def to_headers(self) -> Headers:
        """The Kafka headers: UTF-8 values under `ce_` names, and the content type."""
        attributes = self.model_dump(mode="json")
        trace = str(attributes.pop("traceparent"))
        headers = [(PREFIX + name, str(v).encode()) for name, v in attributes.items()]
        return [
            ("content-type", CONTENT_TYPE.encode()),
            *headers,
            ("traceparent", trace.encode()),
        ]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> Self:
        """Read the attributes back.

        Raises PoisonError when an attribute is missing or does not parse.
        """
        try:
            attributes = {
                name.removeprefix(PREFIX): value.decode()
                for name, value in headers
                if value and (name.startswith(PREFIX) or name == "traceparent")
            }
            return cls.model_validate(attributes)
        except ValueError as error:
            raise PoisonError(f"not a CloudEvent in binary mode: {error}") from error


def derived_id(event_type: str, cause_id: str, key: str) -> str:
    """The id of the event of that type and key that a cause brings about."""
    return str(uuid.uuid5(NAMESPACE, f"{event_type}|{cause_id}|{key}"))
