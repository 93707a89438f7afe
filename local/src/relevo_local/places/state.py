"""The state folder: who holds it, and what it remembers from one start to the next."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

DEFAULT_STATE = Path(".relevo")
MARKS = ("lock", "ports.json", "processes.json", "first-start")
"""What shows that a folder is one of ours, and not somebody's home."""


class AlreadyRunning(Exception):
    """Another process runs a platform on this state folder."""

    def __init__(self, state: Path, pid: int) -> None:
        self.pid = pid
        super().__init__(
            f"a platform runs on {state} already (process {pid}): see `relevo status`,"
            " or stop it with `relevo down`"
        )


@contextmanager
def hold(state: Path) -> Iterator[None]:
    """Hold the folder for as long as the block lasts; raises AlreadyRunning.

    An flock: it goes with the process, also by kill -9. Our children do not inherit it.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock(state).open("a+") as file:
        if not _take(file):
            raise AlreadyRunning(state, _pid_in(state))
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _take(file: IO[str]) -> bool:
    # Tried for a moment: whoever only asks (supervisor_pid) holds it for microseconds.
    for _ in range(5):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def is_state(folder: Path) -> bool:
    """Whether a platform has run from the folder, or runs from it."""
    return any((folder / mark).exists() for mark in MARKS)


def supervisor_pid(state: Path) -> int | None:
    """The process that holds this folder; None when no platform runs on it."""
    if not _lock(state).exists():
        return None
    with _lock(state).open() as file:
        try:
            # Shared, so that two who only ask do not see each other.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _pid_in(state)
    return None


def _lock(state: Path) -> Path:
    return state / "lock"


def _pid_in(state: Path) -> int:
    # Empty for a moment, between the lock and the writing of it.
    return int(_lock(state).read_text() or 0)
