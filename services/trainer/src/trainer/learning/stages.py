"""The stages of a job: what is being done now, and how long each took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True)
class Progress:
    """A stage of the job began, or ended after `seconds`, with what it found.

    waits: the stage goes on later, and why it cannot now.
    """

    stage: str
    seconds: float | None = None
    found: dict[str, JsonValue] = field(default_factory=dict)
    waits: str | None = None


Tell = Callable[[Progress], None]


class Stages:
    """Tells of each stage when it begins and when it ends, and keeps the seconds."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.seconds: dict[str, float] = {}
        self._stage = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, JsonValue]]:
        """One stage; what is put into the yielded dictionary is told at its end."""
        self._stage = name
        self._tell(Progress(name))
        found: dict[str, JsonValue] = {}
        began = time.monotonic()
        yield found
        self.tell_of(name, time.monotonic() - began, found)

    def waits(self, reason: str) -> None:
        """The stage cannot go on for now."""
        self._tell(Progress(self._stage, waits=reason))

    def tell_of(self, name: str, seconds: float, found: dict[str, JsonValue]) -> None:
        """A stage that was measured elsewhere is over."""
        self.seconds[name] = round(seconds, 3)
        self._tell(Progress(name, self.seconds[name], found))
