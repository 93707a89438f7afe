"""One running child process: its log, its end, and everything that it started itself."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from relevo_local.programs import Command

LEASH = Path(__file__).with_name("leash.py")
KILL_SECONDS = 2.0


class Child:
    """A process of its own session, started now; its output is appended to `log`.

    It must be made in a thread that lives as long as the child should (see leash.py).
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

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    def wait(self, seconds: float) -> int | None:
        """Its exit code once it has ended; None when it still runs after `seconds`."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask it to end, wait as long as its command allows, then kill what is left."""
        offspring = descendants(self.pid)
        if self.exit_code is None:
            self._popen.send_signal(self.command.stop_signal)
            try:
                self._popen.wait(self.command.stop_seconds)
            except subprocess.TimeoutExpired:
                offspring += descendants(self.pid)
                self._popen.kill()
                self._popen.wait(KILL_SECONDS)
        kill(offspring)


def descendants(pid: int) -> list[psutil.Process]:
    """What this process has started, and what those have; none if it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill(processes: Sequence[psutil.Process]) -> None:
    """Kill those that still run; psutil knows a reused process id from the real one."""
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=KILL_SECONDS)


def last_lines(log: Path, count: int = 20) -> list[str]:
    """The end of a log; empty when there is none."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return file.read().decode(errors="replace").splitlines()[-count:]


def wait_until_gone(pids: Sequence[int], seconds: float) -> bool:
    """Whether none of these process ids exists any more, at the latest after `seconds`."""
    deadline = time.monotonic() + seconds
    while any(psutil.pid_exists(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


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
