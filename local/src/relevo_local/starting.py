"""Starting one program and waiting until it works, or saying why it does not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from relevo_local.child import Child, last_lines
from relevo_local.programs import Command, Program
from relevo_local.remedies import remedy_for

Spawn = Callable[[Command, Path], Child]


class StartFailed(Exception):
    """A program did not become ready; says its last lines and what can be done."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        self.name = name
        self.lines = last_lines(log)
        self.remedy = remedy_for("\n".join(self.lines), log)
        shown = "\n".join(f"  | {line}" for line in self.lines)
        super().__init__(f"{name} {what}. Its last lines:\n{shown}\n{self.remedy}")


def wait_until_ready(program: Program, child: Child, *, seconds: float) -> None:
    """Return when the program answers; StartFailed when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not program.is_ready():
        if child.exit_code is not None:
            raise StartFailed(program.name, f"ended ({describe_exit(child)})", child.log)
        if time.monotonic() > deadline:
            raise StartFailed(program.name, f"is not ready after {seconds:g} s", child.log)
        time.sleep(0.05)


def describe_exit(child: Child) -> str:
    """How a child ended, in the words of a person: `signal 9`, `exit code 1`."""
    code = child.exit_code
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def run_once(command: Command, log: Path, name: str, *, seconds: float = 60.0) -> None:
    """Run a tool to its end; raises StartFailed when it fails or takes too long."""
    child = Child(command, log)
    try:
        code = child.wait(seconds)
    finally:
        child.stop()
    if code != 0:
        how = "took too long" if code is None else f"failed ({describe_exit(child)})"
        raise StartFailed(
            name, f"cannot start: {Path(command.arguments[0]).name} {how}", log
        )


@contextmanager
def running(program: Program, log: Path, *, seconds: float = 120.0) -> Iterator[Child]:
    """The program, ready and settled, for as long as the block lasts.

    Raises StartFailed. Leaves no process behind, whatever happens.
    """
    child = Child(program.prepare(), log)
    try:
        wait_until_ready(program, child, seconds=seconds)
        program.settle()
        yield child
    finally:
        child.stop()
