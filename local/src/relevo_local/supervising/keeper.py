"""Keeps one program running: starts it, and again when it died or fell silent."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relevo_local.reports import Kind, Report, Reporter
from relevo_local.supervising.child import Child
from relevo_local.supervising.processes import ProcessTable
from relevo_local.supervising.programs import Command, Program
from relevo_local.supervising.pulse import Listener, asked
from relevo_local.supervising.starting import (
    as_failed_start,
    describe_exit,
    in_short,
    start,
)

FIRST_DELAY, LONGEST_DELAY = 0.5, 15.0
STEADY = 30.0
"""Seconds after which a process that died counts as one that had worked."""


class Stopping(Exception):
    """The platform is being stopped: nothing may be started any more."""


class Keeper:
    """One program and the thread that its processes belong to.

    `needs` are those that have to be ready before its first start. `ready` is set
    once it was ready for the first time; `failure` is why it never will be, after
    `attempts` starts. One that does not answer for `silence` seconds (0: for ever) is
    killed, and started again as any that died.
    """

    def __init__(
        self,
        program: Program,
        *,
        needs: Sequence["Keeper"],
        attempts: int,
        log: Path,
        table: ProcessTable,
        report: Reporter,
        patience: float = 180.0,
        silence: float = 60.0,
    ) -> None:
        self.program = program
        self.ready = threading.Event()
        self.failure: Exception | None = None
        self.log = log
        self._needs = needs
        self._attempts = attempts
        self._table = table
        self._report = report
        self._patience = patience
        self._longest_silence = silence
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._children: list[Child] = []
        self._thread = threading.Thread(target=self._run, name=program.name, daemon=True)

    def begin(self) -> None:
        """Start it, and keep it running until `stop`."""
        self._thread.start()

    def start_no_more(self) -> None:
        """Let what runs run, but start nothing again."""
        self._stopping.set()

    def ask(self) -> None:
        """Ask what runs to end, without waiting for it."""
        self.start_no_more()
        with self._lock:
            for child in self._children:
                child.ask()

    def stop(self) -> None:
        """End it; returns when nothing of it runs any more."""
        self.ask()
        with self._lock:
            self._end_children()
        if self._thread.is_alive():
            self._thread.join(timeout=2)  # it may hang in a download: then it is a daemon

    def _run(self) -> None:
        for need in self._needs:
            while not need.ready.wait(0.1):
                if self._stopping.is_set():
                    return
        try:
            self._keep()
        except Exception as error:  # a fault of ours: `supervise` raises it
            self.failure = error

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set() and self.failure is None:
            began = time.monotonic()
            try:
                what = self._live()
            except Stopping:
                return
            except Exception as error:  # whatever it is, it is told, and tried again
                if self._stopping.is_set():
                    return
                failed = as_failed_start(error, self.program.name, self.log)
                what = in_short(failed)
                if not self.ready.is_set() and failures + 1 >= self._attempts:
                    self.failure = failed
                    return
            failures = 1 if time.monotonic() - began > STEADY else failures + 1
            self._wait_before_the_next(what, failures)

    def _live(self) -> str:
        """One life, from its start to its end; gives how it ended."""
        self._table.is_now(self.program.name, "starting")
        began = time.monotonic()
        child = start(self.program, self._spawn, seconds=self._patience)
        self._table.is_now(self.program.name, "ready")
        self._tell("ready", f"ready after {time.monotonic() - began:.1f} s")
        self.ready.set()
        ended: list[str] = []
        with asked(self.program, self._listener(child, ended), limit=self._longest_silence):
            child.wait()
        return next(iter(ended), f"died ({describe_exit(child)})")

    def _listener(self, child: Child, ended: list[str]) -> Listener:
        name = self.program.name

        def silent(seconds: float) -> None:
            if not self._stopping.is_set():
                since = datetime.now(UTC) - timedelta(seconds=seconds)
                self._table.is_now(name, "silent", since)
                self._tell("silent", f"runs, but has not answered for {seconds:.0f} s")

        def answers(seconds: float) -> None:
            self._table.is_now(name, "ready")
            self._tell("ready", f"answers again after {seconds:.0f} s")

        def over(seconds: float) -> None:
            if not self._stopping.is_set():
                ended.append(f"did not answer for {seconds:.0f} s and was killed")
                child.kill()

        return Listener(silent, answers, over)

    def _wait_before_the_next(self, what: str, failures: int) -> None:
        if self._stopping.is_set():
            return
        with self._lock:
            self._end_children()
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 1))
        self._table.will_restart(self.program.name)
        self._tell("restart", f"{what}, again in {delay:g} s")
        self._stopping.wait(delay)

    def _spawn(self, command: Command) -> Child:
        with self._lock:
            if self._stopping.is_set():
                raise Stopping
            child = Child(command, self.log)
            self._children.append(child)
        self._table.started(self.program.name, child.pid)
        return child

    def _end_children(self) -> None:
        while self._children:
            self._children.pop().stop()

    def _tell(self, kind: Kind, text: str) -> None:
        self._report(Report(process=self.program.name, text=text, kind=kind))
