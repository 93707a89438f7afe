"""Starting one program and waiting until it works, or saying why it does not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from relevo_local.supervising.child import Child
from relevo_local.supervising.logs import last_lines
from relevo_local.supervising.programs import Command, Program
from relevo_local.supervising.remedies import remedy_for

TOOL_SECONDS = 60.0
Spawn = Callable[[Command], Child]


class StartFailed(Exception):
    """A program did not become ready; says its last lines and what can be done."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        self.name = name
        self.what = what
        self.lines = last_lines(log)
        self.remedy = remedy_for("\n".join(self.lines), log)
        shown = "\n".join(f"  | {line}" for line in self.lines)
        super().__init__(f"{name} {what}. Its last lines:\n{shown}\n{self.remedy}")


def as_failed_start(error: Exception, name: str, log: Path) -> Exception:
    """The error itself where it speaks to a person already, else a StartFailed of it."""
    if isinstance(error, StartFailed | OSError):
        return error
    failed = StartFailed(name, f"did not start: {error!r}", log)
    failed.__cause__ = error
    return failed


def start(program: Program, spawn: Spawn, *, seconds: float) -> Child:
    """Prepare, start and settle a program; gives its process. Raises StartFailed.

    `spawn` starts each process, and whoever gave it ends them; also after a failure.
    """
    *tools, command = program.prepare()
    for tool in tools:
        _run_to_its_end(program.name, tool, spawn)
    child = spawn(command)
    wait_until_ready(program, child, seconds=seconds)
    program.settle()
    return child


def in_short(error: Exception) -> str:
    """What went wrong, in one line and without the last words."""
    if isinstance(error, StartFailed):
        return error.what
    return (str(error) or repr(error)).splitlines()[0]


def wait_until_ready(program: Program, child: Child, *, seconds: float) -> None:
    """Return when the program answers; StartFailed when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while True:
        # Asked first: a stranger may answer on a port that our child could not get.
        if child.exit_code is not None:
            raise StartFailed(program.name, f"ended ({describe_exit(child)})", child.log)
        if program.is_ready():
            return
        if time.monotonic() > deadline:
            raise StartFailed(program.name, f"is not ready after {seconds:g} s", child.log)
        time.sleep(0.05)


def describe_exit(child: Child) -> str:
    """How a child ended, in the words of a person: `signal 9`, `exit code 1`."""
    code = child.exit_code
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


@contextmanager
def running(program: Program, log: Path, *, seconds: float = 120.0) -> Iterator[Child]:
    """The program, ready and settled, for as long as the block lasts.

    Raises StartFailed. Leaves no process behind, whatever happens.
    """
    children: list[Child] = []

    def spawn(command: Command) -> Child:
        children.append(Child(command, log))
        return children[-1]

    try:
        yield start(program, spawn, seconds=seconds)
    finally:
        for child in children:
            child.stop()


def _run_to_its_end(name: str, tool: Command, spawn: Spawn) -> None:
    child = spawn(tool)
    if child.wait(TOOL_SECONDS) != 0:
        how = "takes too long" if child.exit_code is None else describe_exit(child)
        what = f"cannot start: {Path(tool.arguments[0]).name} failed ({how})"
        raise StartFailed(name, what, child.log)
