"""What the story is made of: one small frozen class per kind of fact that is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from relevo_contracts import DeadLetter, Envelope, Event
from relevo_contracts.actions import Action
from relevo_contracts.registry_notes import Held
from relevo_contracts.results import StageResult

Tone = Literal["plain", "good", "news", "warning", "bad"]


@dataclass(frozen=True)
class Place:
    """Where a record lies in Kafka."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic} {self.partition} {self.offset}"


@dataclass(frozen=True)
class Released:
    """The source offers a batch."""

    batch_id: str
    dataset: str
    number: int
    rows: int | None
    time: datetime


@dataclass(frozen=True)
class Schedule:
    """What the source says about the batches to come; no `next_number`: no more come."""

    dataset: str
    total: int | None
    next_number: int | None
    next_due: datetime | None


@dataclass(frozen=True)
class Happened:
    """An event stands in its topic."""

    event: Event
    envelope: Envelope
    place: Place


@dataclass(frozen=True)
class Buried:
    """A message lies among the dead letters; `batch_id` where its body names one."""

    letter: DeadLetter
    place: Place
    batch_id: str | None = None


@dataclass(frozen=True)
class Illegible:
    """A record that is no event of ours."""

    place: Place
    time: datetime
    reason: str


@dataclass(frozen=True)
class Progress:
    """What the trainer does, by the batch with which it does it; it rests without any.

    `time` is when it was seen doing so.
    """

    stages: Mapping[str, str]
    time: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Door:
    """Whether a pod, or MLflow, answers at its address, and why not."""

    what: Literal["pod", "MLflow"]
    url: str
    answers: bool
    reason: str | None = None


@dataclass(frozen=True)
class Lag:
    """How far one consumer group is behind on one topic; whose dataset it has, if any."""

    group: str
    topic: str
    records: int
    seconds: float | None = None
    dataset: str | None = None

    @property
    def service(self) -> str:
        """Whose group it is: cleaner and trainer have one per dataset."""
        return self.group.removesuffix(f"-{self.dataset}") if self.dataset else self.group


@dataclass(frozen=True)
class Lags:
    """All that was measured at one time."""

    found: tuple[Lag, ...]


@dataclass(frozen=True)
class Mended:
    """What a service has mended since its start, and what only a person can, by model."""

    url: str
    counts: Mapping[str, int]
    held_back: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Holds:
    """The models that a person holds: the trainer does not move their champions."""

    by_model: Mapping[str, Held]


@dataclass(frozen=True)
class Said:
    """A process, or the view itself, said something.

    `counted`: how many of how many, where the next of the kind takes this one's place.
    """

    time: datetime
    who: str
    text: str
    tone: Tone = "plain"
    counted: tuple[int, int] | None = None


Fact = (
    Released
    | Schedule
    | Happened
    | Buried
    | Illegible
    | Progress
    | Lags
    | Door
    | Holds
    | Mended
    | Said
    | StageResult
    | Action
)


@dataclass(frozen=True)
class Line:
    """One thing that happened, in words; `counted` as of what was said."""

    time: datetime
    subject: str
    text: str
    tone: Tone = "plain"
    counted: tuple[int, int] | None = None
