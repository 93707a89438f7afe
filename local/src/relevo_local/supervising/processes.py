"""What each process of the platform is doing, kept in a file that others read."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil
from pydantic import BaseModel, TypeAdapter

from relevo_local.places.secret_file import write_private

State = Literal["starting", "ready", "silent", "restarting", "stopped"]


class ProcessStatus(BaseModel):
    """One process; `since` is when it came into its state.

    silent: it runs and was ready, but does not answer.
    """

    name: str
    pid: int | None = None
    pid_started: float | None = None
    """When the process of that id was started (unix seconds): ids are used again."""
    state: State = "stopped"
    restarts: int = 0
    since: datetime
    url: str | None = None


LIST = TypeAdapter(list[ProcessStatus])


def read_processes(state: Path) -> list[ProcessStatus]:
    """As they were last seen; empty before the first start."""
    path = processes_file(state)
    return LIST.validate_json(path.read_bytes()) if path.exists() else []


class ProcessTable:
    """The status of every process, written to `<state>/processes.json` at every change."""

    def __init__(self, state: Path, urls: dict[str, str | None]) -> None:
        now = datetime.now(UTC)
        self._path = processes_file(state)
        self._lock = threading.Lock()
        self._rows = {
            name: ProcessStatus(name=name, since=now, url=url) for name, url in urls.items()
        }

    def started(self, name: str, pid: int) -> None:
        """A process of this name exists now; it may not answer yet."""
        try:
            began = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            began = None
        self._change(name, pid=pid, pid_started=began)

    def is_now(self, name: str, state: State, since: datetime | None = None) -> None:
        """It came into this state now, or at that time."""
        self._change(name, since, state=state)

    def will_restart(self, name: str) -> None:
        """It died, and will be started again."""
        restarts = self._rows[name].restarts + 1
        self._change(
            name, pid=None, pid_started=None, restarts=restarts, state="restarting"
        )

    def all_stopped(self) -> None:
        """None of them runs any more."""
        for name in self._rows:
            self._change(name, pid=None, pid_started=None, state="stopped")

    def _change(self, name: str, since: datetime | None = None, **changes: object) -> None:
        """In one step: nobody shall read that a process is ready which is not there."""
        if "state" in changes:
            changes["since"] = since or datetime.now(UTC)
        with self._lock:
            self._rows[name] = self._rows[name].model_copy(update=changes)
            rows = list(self._rows.values())
            # A full disk must not end what keeps the processes running.
            with suppress(OSError):
                write_private(self._path, LIST.dump_json(rows, indent=1).decode())


def processes_file(state: Path) -> Path:
    """Where they are written down, for all who look."""
    return state / "processes.json"
