"""One running child process: its log, its end, and everything that it started itself."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from relevo_local.supervising.programs import Command

LEASH = Path(__file__).with_name("leash.py")
KILL_SECONDS = 2.0


class Child:
    """A process of its own session, started now; its output is appended to `log`.

    It has to be made in a thread that lives as long as the child should (leash.py).
    """

    def __init__(self, command: Command, log: Path) -> None:
        self.command = command
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                _leashed(command),
                env=dict(command.environment),
                cwd=command.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        self._asked: float | None = None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    def wait(self, seconds: float | None = None) -> int | None:
        """Its exit code once it has ended; None when it still runs after `seconds`."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def ask(self) -> None:
        """Ask it to end, and do not wait."""
        if self._asked is None:
            self._asked = time.monotonic()
            if self.exit_code is None:
                self._popen.send_signal(self.command.stop_signal)

    def kill(self) -> None:
        """End it and its family at once: a frozen process would not hear it be asked."""
        if self.exit_code is None:  # else its number may be another's by now
            end(family(self.pid), seconds=0)

    def stop(self) -> None:
        """Ask it to end; kill what is left when its time, from the asking on, is over."""
        left = family(self.pid)
        self.ask()
        passed = time.monotonic() - (self._asked or 0)
        if self.wait(max(0, self.command.stop_seconds - passed)) is None:
            left += family(self.pid)
            self._popen.kill()
            self.wait(KILL_SECONDS)
        end([process for process in left if process.pid != self.pid], seconds=0)


def family(pid: int) -> list[psutil.Process]:
    """The process, what it has started, and what is left of its session."""
    found: dict[int, psutil.Process] = {}
    for member in (pid, *psutil.pids()):
        if member == pid or _session(member) == pid:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(member)
                found[member] = process
                found |= {child.pid: child for child in process.children(recursive=True)}
    return list(found.values())


def end(processes: Sequence[psutil.Process], *, seconds: float) -> None:
    """Ask them to end; kill those that still run after `seconds` (0: at once).

    psutil tells a reused process id from the process that it was made for.
    """
    if seconds:
        _signal(processes, kill=False)
        _, processes = psutil.wait_procs(processes, timeout=seconds)
    _signal(processes, kill=True)
    psutil.wait_procs(processes, timeout=KILL_SECONDS)


def _signal(processes: Sequence[psutil.Process], *, kill: bool) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill() if kill else process.terminate()


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _leashed(command: Command) -> list[str | Path]:
    return [
        sys.executable,
        "-I",
        "-S",
        LEASH,
        str(os.getpid()),
        str(int(command.stop_signal)),
        command.account or "",
        *command.arguments,
    ]
