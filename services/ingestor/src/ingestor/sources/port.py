"""The port through which batches come from the outside world."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from ingestor.reading.forms import Form
from ingestor.sources.taken import Taken
from relevo_contracts import OutageError

LONGEST_WAIT_SECONDS = 300.0
"""A source may be started anew with another plan: it is asked at least this often."""

UNTIMELY_SECONDS = 5.0
"""Before a source is asked again that does not have what it says it has."""

SHORTEST_WAIT_SECONDS = 0.02


@dataclass(frozen=True)
class Parcel:
    """What a source hands out at once: it becomes a batch.

    identity: what the source calls it. sha256: of its content, as the source has it:
    both together are taken once. origin: its address, for people, without a password.
    number: in the source's own order; None: it has none, and it becomes the next one.
    position: where the source goes on after it. fault: why it is no batch.
    """

    identity: str
    sha256: str
    content: bytes
    form: Form
    origin: str
    released_at: datetime
    number: int | None = None
    position: JsonValue = None
    fault: str | None = None


@dataclass(frozen=True)
class Due:
    """Nothing is there to be taken.

    seconds: after which to ask again. untaken_since: when the oldest was released that
    cannot be had just now. why: in words.
    """

    seconds: float
    untaken_since: datetime | None = None
    why: str = ""

    @property
    def wait(self) -> float:
        """The seconds within what is sensible."""
        return min(max(self.seconds, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)


class StrangeAnswerError(OutageError):
    """The source answers, but not in the form that its kind has: somebody must look."""


class SourceAsleepError(Exception):
    """The source gives no answer and is not expected to: it sleeps by plan."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"it sleeps until {until.isoformat()}")
        self.until = until


class Source(Protocol):
    """Hands out what is not taken yet."""

    async def next(self, taken: Taken) -> Parcel | Due:
        """The next parcel beyond what was taken.

        Raises OutageError while the source is away, StrangeAnswerError where it speaks
        another protocol.
        """


def unix_seconds(time: datetime | None) -> float:
    """For a gauge; 0 where there is no time."""
    return time.timestamp() if time else 0.0
