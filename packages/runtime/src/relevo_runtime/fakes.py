"""Twins of the ports for tests: they keep what they were told."""

from dataclasses import dataclass, field

from relevo_contracts import DeadLetter, Envelope, Event, OutageError, Topic
from relevo_runtime.kafka.publisher import Headers


@dataclass(frozen=True)
class Buried:
    """One dead letter that a RecordingPublisher was given."""

    letter: DeadLetter
    topic: Topic
    key: bytes | None
    body: bytes
    headers: Headers


@dataclass
class RecordingPublisher:
    """An EventPublisher that keeps everything; set `away` to make it raise OutageError."""

    published: list[tuple[Event, Envelope]] = field(default_factory=list)
    buried: list[Buried] = field(default_factory=list)
    away: bool = False

    @property
    def events(self) -> list[Event]:
        """The published events without their envelopes."""
        return [event for event, _ in self.published]

    async def publish(self, event: Event, envelope: Envelope) -> None:
        self._be_reached()
        self.published.append((event, envelope))

    async def bury(
        self,
        letter: DeadLetter,
        *,
        topic: Topic,
        key: bytes | None,
        body: bytes,
        headers: Headers = (),
    ) -> None:
        self._be_reached()
        self.buried.append(Buried(letter, topic, key, body, headers))

    def _be_reached(self) -> None:
        if self.away:
            raise OutageError("the publisher of this test is away")
