"""What can be run here: a command, how to see that it works, what it needs first."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Command:
    """How one process is started and asked to end."""

    arguments: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    account: str | None = None
    """The system account it runs as, when we are root and it must not be."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 3.5
    """How long it may take to end by itself before it is killed."""


class Program(Protocol):
    """One process of the platform, before, at and after its start.

    `prepare` does what must be there before the process starts (it may block for
    long) and gives the commands: the last one is the process, those before it are run
    to their end first. It is called before every start and must find its own earlier
    work in place, even half of it. `is_ready` never raises. `settle` is called once
    after each start, when it is ready, and must not mind that it was called before.
    `is_alive` is asked every few seconds from then on: whether the process itself
    answers, be what it needs there or not; it never raises, and ends within seconds.
    """

    @property
    def name(self) -> str: ...

    def prepare(self) -> Sequence[Command]: ...

    def is_ready(self) -> bool: ...

    def is_alive(self) -> bool: ...

    def settle(self) -> None: ...
