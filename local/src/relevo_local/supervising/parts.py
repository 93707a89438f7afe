"""One part of a platform: a program, what it waits for, how often its start is tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from relevo_local.places.addresses import Addresses
from relevo_local.supervising.programs import Command, Program


@dataclass(frozen=True)
class Part:
    """`needs` are names of parts that have to be ready before its first start."""

    program: Program
    needs: tuple[str, ...] = ()
    attempts: int = 1
    url: str | None = None
    rank: int = 0
    """Higher ranks are stopped first."""

    @property
    def name(self) -> str:
        return self.program.name


@dataclass(frozen=True)
class Plan:
    """All parts, each after those that it needs; where they are; what can wait.

    `chores` are run once, side by side, when everything is ready; they end with the
    platform, through or not.
    """

    parts: Sequence[Part]
    addresses: Addresses
    chores: Sequence[Command] = ()


@dataclass(frozen=True)
class WithTask:
    """A program and what has to be done in it whenever it has come up."""

    program: Program
    task: Callable[[], None]

    @property
    def name(self) -> str:
        return self.program.name

    def prepare(self) -> list[Command]:
        return list(self.program.prepare())

    def is_ready(self) -> bool:
        return self.program.is_ready()

    def is_alive(self) -> bool:
        return self.program.is_alive()

    def settle(self) -> None:
        self.program.settle()
        self.task()
