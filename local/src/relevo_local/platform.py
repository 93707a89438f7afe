"""The whole platform as one object: start it, keep it running, stop it."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from itertools import groupby

from relevo_local.options import Options
from relevo_local.places.addresses import (
    Addresses,
    NotRunning,
    S3Address,
    addresses_file,
    read_addresses,
    write_addresses,
)
from relevo_local.places.state import AlreadyRunning, hold, supervisor_pid
from relevo_local.places.targets import write_targets
from relevo_local.reports import Kind, Report, Reporter
from relevo_local.supervising.child import Child
from relevo_local.supervising.keeper import Keeper
from relevo_local.supervising.leftovers import end_leftovers
from relevo_local.supervising.logs import log_of, shorten
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.processes import ProcessStatus, ProcessTable, read_processes
from relevo_local.supervising.starting import StartFailed

__all__ = [
    "Addresses",
    "AlreadyRunning",
    "Interrupted",
    "NotRunning",
    "Options",
    "Platform",
    "ProcessStatus",
    "Report",
    "S3Address",
    "StartFailed",
    "log_of",
    "read_addresses",
    "read_processes",
    "supervisor_pid",
]


class Interrupted(KeyboardInterrupt):
    """A stop was asked for before everything was ready: as by Ctrl-C."""


HOUSEKEEPING_SECONDS = 1.0
Compose = Callable[[Options, Reporter], Plan]


class Platform:
    """One platform on one state folder, held from `start` to `stop`.

    `report` is told what happens, by several threads but one at a time. `compose`
    says of what the platform consists; tests give small programs of their own.
    """

    def __init__(
        self, options: Options, report: Reporter, compose: Compose | None = None
    ) -> None:
        self.options = options.model_copy(update={"state": options.state.resolve()})
        self._report = _one_at_a_time(report)
        self._compose = compose or _whole_platform
        self._keepers: list[tuple[int, Keeper]] = []
        self._plan: Plan | None = None
        self._held = ExitStack()
        self._holds = False
        self._stop_lock = threading.Lock()
        self._table: ProcessTable | None = None
        self._stopping = threading.Event()

    def start(self) -> Addresses:
        """Start everything side by side; return when every process answers.

        Raises AlreadyRunning, StartFailed (with the last words of what failed),
        ConnectionError when something has to be fetched and cannot, Interrupted when
        a stop was asked for meanwhile. Whatever it raises, nothing runs any more.
        """
        self._held.enter_context(hold(self.options.state))
        self._holds = True
        try:
            began = time.monotonic()
            self._end_leftovers()
            self._plan = plan = self._compose(self.options, self._report)
            write_addresses(self.options.state, plan.addresses)
            write_targets(self.options.state, plan.addresses)
            self._begin(plan.parts)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._tell(f"ready after {time.monotonic() - began:.1f} s", "ready")
        return plan.addresses

    def supervise(self) -> None:
        """Return when `request_stop` was called; meanwhile children are kept running.

        Raises what ended a keeper, which only a fault of ours can do.
        """
        chores = self._begin_chores()
        try:
            while not self._stopping.wait(HOUSEKEEPING_SECONDS):
                for _, keeper in self._keepers:
                    if keeper.failure:
                        raise keeper.failure
                    with suppress(OSError):  # a full disk; the platform outlives it
                        shorten(keeper.log)
        finally:
            for chore in chores:
                chore.stop()

    def request_stop(self) -> None:
        """Let `supervise` return; safe to call in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        """End every process, services first, and let go of the folder; within 10 s."""
        self._stopping.set()
        with self._stop_lock:
            if not self._holds:
                return
            self._stop_keepers()
            addresses_file(self.options.state).unlink(missing_ok=True)
            self._holds = False
            self._held.close()
            if self._table:
                self._tell("stopped", "stopped")

    def _stop_keepers(self) -> None:
        by_rank = sorted(self._keepers, key=lambda ranked: -ranked[0])
        for _, keeper in by_rank:
            keeper.start_no_more()
        for _, group in groupby(by_rank, key=lambda ranked: ranked[0]):
            keepers = [keeper for _, keeper in group]
            for keeper in keepers:
                keeper.ask()
            for keeper in keepers:
                keeper.stop()
        if self._table:
            self._table.all_stopped()
        self._keepers.clear()

    def _end_leftovers(self) -> None:
        if names := end_leftovers(read_processes(self.options.state)):
            self._tell(f"ended what was left running: {', '.join(names)}", "notice")

    def _begin(self, parts: Sequence[Part]) -> None:
        self._table = ProcessTable(
            self.options.state, {part.name: part.url for part in parts}
        )
        keepers: dict[str, Keeper] = {}
        for part in parts:
            keepers[part.name] = Keeper(
                part.program,
                needs=[keepers[name] for name in part.needs],
                attempts=part.attempts,
                log=log_of(self.options.state, part.name),
                table=self._table,
                report=self._report,
                patience=self.options.patience_seconds,
                silence=self.options.silence_seconds,
            )
            self._keepers.append((part.rank, keepers[part.name]))
        for keeper in keepers.values():
            keeper.begin()

    def _begin_chores(self) -> list[Child]:
        commands = self._plan.chores if self._plan else ()
        log = log_of(self.options.state, "chores")
        return [Child(command, log) for command in commands]

    def _wait_until_ready(self) -> None:
        keepers = [keeper for _, keeper in self._keepers]
        while not all(keeper.ready.is_set() for keeper in keepers):
            for keeper in keepers:
                if keeper.failure:
                    raise keeper.failure
            if self._stopping.wait(0.05):
                raise Interrupted

    def _tell(self, text: str, kind: Kind) -> None:
        self._report(Report(process="platform", text=text, kind=kind))


def _whole_platform(options: Options, report: Reporter) -> Plan:
    # Imported when it is started: the commands that only look at a platform need none
    # of the clients of its servers, and should answer at once.
    from relevo_local.composition import whole_platform

    return whole_platform(options, report)


def _one_at_a_time(report: Reporter) -> Reporter:
    lock = threading.Lock()

    def tell(told: Report) -> None:
        with lock:
            report(told)

    return tell
