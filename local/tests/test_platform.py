"""The supervisor with small programs: what it starts, keeps, tells and leaves behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from relevo_local.places.addresses import Addresses, S3Address, read_addresses
from relevo_local.platform import (
    AlreadyRunning,
    Interrupted,
    Options,
    Platform,
    StartFailed,
)
from relevo_local.reports import Report, Reporter
from relevo_local.settings import inherited_environment
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.processes import ProcessStatus, read_processes
from relevo_local.supervising.programs import Command

pytestmark = pytest.mark.slow

WORK = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(120)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WORK}"
WITH_HELPER = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {STUBBORN!r}, sys.argv[1] + ".helper"])
{WORK}
"""
FAILING = "import sys; print('no room for it: Address already in use'); sys.exit(3)"
SLOW = "import time; time.sleep(120)"
ADDRESSES = Addresses(
    kafka="127.0.0.1:1",
    catalog_url="",
    s3=S3Address(endpoint_url="", access_key="", secret_key="", bucket=""),
    mlflow="",
    data_api="",
    inference=[],
    services={},
)


@dataclass
class Small:
    """A program that is ready when it has made its file."""

    name: str
    folder: Path
    source: str = WORK
    stop_seconds: float = 5.0
    prepared: list[float] = field(default_factory=list)
    settled: int = 0

    @property
    def mark(self) -> Path:
        return self.folder / f"{self.name}.ready"

    def prepare(self) -> list[Command]:
        self.prepared.append(time.monotonic())
        self.mark.unlink(missing_ok=True)
        arguments = [sys.executable, "-u", "-c", self.source, str(self.mark)]
        environment = inherited_environment()
        return [Command(arguments, environment, stop_seconds=self.stop_seconds)]

    def is_ready(self) -> bool:
        return self.mark.exists()

    def is_alive(self) -> bool:
        return self.mark.exists()

    def settle(self) -> None:
        self.settled += 1


@dataclass
class Run:
    """A platform of small programs, and what it told."""

    platform: Platform
    told: list[Report]
    state: Path

    def status(self, name: str) -> ProcessStatus:
        return next(row for row in read_processes(self.state) if row.name == name)

    def texts(self, process: str) -> list[str]:
        return [report.text for report in self.told if report.process == process]


Make = Callable[..., Run]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Platforms of these parts on one state folder; stopped after the test."""
    platforms: list[Platform] = []

    def one(*parts: Part, patience: float = 20.0) -> Run:
        told: list[Report] = []

        def compose(options: Options, report: Reporter) -> Plan:
            return Plan(parts, ADDRESSES)

        options = Options(state=tmp_path, patience_seconds=patience)
        platforms.append(Platform(options, told.append, compose))
        return Run(platforms[-1], told, tmp_path)

    yield one
    for platform in platforms:
        platform.stop()


def eventually(what: Callable[[], object], *, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def runs(pid: int | None) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes_of(folder: Path) -> list[int]:
    """Every process that has this folder in its command line."""
    found = psutil.process_iter(["cmdline"])
    marked = [p.pid for p in found if str(folder) in " ".join(p.info["cmdline"] or [])]
    return [pid for pid in marked if runs(pid)]


def test_start_returns_when_all_are_ready_and_stop_leaves_nothing(
    make: Make, tmp_path: Path
) -> None:
    run = make(Part(Small("one", tmp_path)), Part(Small("two", tmp_path, WITH_HELPER)))
    run.platform.start()
    eventually(lambda: (tmp_path / "two.ready.helper").exists())
    assert {row.name: row.state for row in read_processes(tmp_path)} == {
        "one": "ready",
        "two": "ready",
    }
    assert read_addresses(tmp_path) == ADDRESSES
    assert len(processes_of(tmp_path)) == 3

    run.platform.stop()

    assert processes_of(tmp_path) == []
    assert {(row.state, row.pid) for row in read_processes(tmp_path)} == {("stopped", None)}


def test_a_part_starts_when_what_it_needs_is_ready(make: Make, tmp_path: Path) -> None:
    late = f"import time; time.sleep(0.5); {WORK}"
    first, second = Small("first", tmp_path, late), Small("second", tmp_path)
    run = make(Part(first), Part(second, needs=("first",)))
    run.platform.start()
    assert second.prepared[0] > first.prepared[0] + 0.5


def test_a_killed_process_comes_back(make: Make, tmp_path: Path) -> None:
    program = Small("one", tmp_path)
    run = make(Part(program))
    run.platform.start()
    before = run.status("one")
    assert before.pid
    os.kill(before.pid, signal.SIGKILL)

    eventually(lambda: run.status("one").state == "ready" and run.status("one").restarts)

    after = run.status("one")
    assert after.pid != before.pid
    assert after.restarts == 1
    eventually(lambda: program.settled == 2)
    assert "died (signal 9), again in 0.5 s" in run.texts("one")


def test_a_process_that_dies_again_and_again_waits_longer_each_time(
    make: Make, tmp_path: Path
) -> None:
    run = make(Part(Small("one", tmp_path, WORK.replace("sleep(120)", "sleep(0.1)"))))
    run.platform.start()
    eventually(lambda: len([t for t in run.texts("one") if "again in" in t]) >= 3)
    waits = [text.split("again in ")[1] for text in run.texts("one") if "again" in text]
    assert waits[:3] == ["0.5 s", "1 s", "2 s"]


def test_a_failed_start_says_the_last_words_and_the_remedy_and_leaves_nothing(
    make: Make, tmp_path: Path
) -> None:
    run = make(Part(Small("good", tmp_path)), Part(Small("bad", tmp_path, FAILING)))
    with pytest.raises(StartFailed, match="no room for it") as failure:
        run.platform.start()
    assert "bad ended (exit code 3)" in str(failure.value)
    assert "Another program listens on its port" in str(failure.value)
    assert processes_of(tmp_path) == []
    with pytest.raises(Exception, match="relevo up"):
        read_addresses(tmp_path)


def test_a_start_is_tried_as_often_as_its_part_says(make: Make, tmp_path: Path) -> None:
    program = Small("bad", tmp_path, FAILING)
    run = make(Part(program, attempts=2))
    with pytest.raises(StartFailed):
        run.platform.start()
    assert len(program.prepared) == 2


def test_a_program_that_never_gets_ready_is_given_up(make: Make, tmp_path: Path) -> None:
    run = make(Part(Small("slow", tmp_path, SLOW)), patience=0.5)
    with pytest.raises(StartFailed, match=r"slow is not ready after 0\.5 s"):
        run.platform.start()
    assert processes_of(tmp_path) == []


def test_a_second_start_is_refused_and_changes_nothing(make: Make, tmp_path: Path) -> None:
    make(Part(Small("one", tmp_path))).platform.start()
    program = Small("one", tmp_path)
    second = make(Part(program)).platform

    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        second.start()
    second.stop()

    assert program.prepared == []
    assert len(processes_of(tmp_path)) == 1
    assert read_addresses(tmp_path) == ADDRESSES


def test_stop_while_it_starts_leaves_nothing(make: Make, tmp_path: Path) -> None:
    run = make(Part(Small("slow", tmp_path, SLOW)), Part(Small("good", tmp_path)))
    starting = threading.Thread(target=_start_in_vain, args=[run.platform], daemon=True)
    starting.start()
    eventually(lambda: len(processes_of(tmp_path)) == 2)
    began = time.monotonic()
    run.platform.stop()
    starting.join(timeout=5)
    assert time.monotonic() - began < 10
    assert processes_of(tmp_path) == []


def test_processes_that_do_not_listen_are_ended_within_ten_seconds(
    make: Make, tmp_path: Path
) -> None:
    ranks = (0, 1, 2, 2)
    run = make(
        *(
            Part(Small(f"s{number}", tmp_path, STUBBORN, stop_seconds=2.5), rank=rank)
            for number, rank in enumerate(ranks)
        )
    )
    run.platform.start()
    began = time.monotonic()
    run.platform.stop()
    assert time.monotonic() - began < 10
    assert processes_of(tmp_path) == []


def test_higher_ranks_are_stopped_first(make: Make, tmp_path: Path) -> None:
    goodbye = (
        "import atexit, pathlib, sys, signal, time;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit());"
        "atexit.register(lambda: print('ended', time.monotonic()));"
    )
    server = Small("server", tmp_path, goodbye + WORK)
    client = Small("client", tmp_path, goodbye + "atexit.register(time.sleep, 0.5);" + WORK)
    run = make(Part(server, rank=0), Part(client, rank=2))
    run.platform.start()
    run.platform.stop()

    def ended(name: str) -> float:
        return float((tmp_path / "logs" / f"{name}.log").read_text().split()[-1])

    assert ended("server") > ended("client")


def test_what_a_killed_supervisor_left_is_ended_by_the_next_start(
    make: Make, tmp_path: Path
) -> None:
    """A stubborn child ignores the signal that its supervisor's death sends."""
    with subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, tmp_path, STUBBORN], stdout=subprocess.PIPE
    ) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"started\n"
        supervisor.kill()
    (left,) = processes_of(tmp_path)

    run = make(Part(Small("another", tmp_path)))
    run.platform.start()

    assert not runs(left)
    assert "ended what was left running: worker" in run.texts("platform")


def test_supervise_returns_when_a_stop_is_asked_for(make: Make, tmp_path: Path) -> None:
    run = make(Part(Small("one", tmp_path)))
    run.platform.start()
    supervising = threading.Thread(target=run.platform.supervise)
    supervising.start()
    run.platform.request_stop()
    supervising.join(timeout=5)
    assert not supervising.is_alive()


def test_a_chore_begins_when_all_is_ready_and_ends_with_the_platform(
    tmp_path: Path,
) -> None:
    (chore,) = Small("chore", tmp_path).prepare()
    plan = Plan([Part(Small("one", tmp_path))], ADDRESSES, [chore])
    platform = Platform(Options(state=tmp_path), lambda _: None, lambda *_: plan)
    platform.start()
    supervising = threading.Thread(target=platform.supervise)
    supervising.start()
    try:
        eventually(lambda: (tmp_path / "chore.ready").exists())
    finally:
        platform.request_stop()
        supervising.join(timeout=10)
        platform.stop()
    assert processes_of(tmp_path) == []


def test_a_fault_of_the_supervisor_itself_is_not_silent(tmp_path: Path) -> None:
    def report(told: Report) -> None:
        if told.kind == "restart":
            raise RuntimeError("the screen is gone")

    program = Small("one", tmp_path)
    plan = Plan([Part(program)], ADDRESSES)
    platform = Platform(Options(state=tmp_path), report, lambda *_: plan)
    platform.start()
    try:
        os.kill(read_processes(tmp_path)[0].pid or 0, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="the screen is gone"):
            platform.supervise()
    finally:
        platform.stop()


def test_whatever_goes_wrong_before_a_start_is_told_as_a_failed_start(
    make: Make, tmp_path: Path
) -> None:
    class Unlucky(Small):
        def prepare(self) -> list[Command]:
            raise LookupError("no such thing")

    run = make(Part(Unlucky("one", tmp_path)))
    with pytest.raises(StartFailed, match="no such thing"):
        run.platform.start()


def _start_in_vain(platform: Platform) -> None:
    with pytest.raises(Interrupted):
        platform.start()


_SUPERVISOR = """
import pathlib, sys, time
from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.supervising.parts import Part, Plan
from relevo_local.platform import Options, Platform
from relevo_local.supervising.programs import Command

state = pathlib.Path(sys.argv[1])
mark = state / "worker.ready"

class Worker:
    name = "worker"
    def prepare(self):
        return [Command([sys.executable, "-c", sys.argv[2], mark])]
    def is_ready(self):
        return mark.exists()
    def is_alive(self):
        return mark.exists()
    def settle(self):
        pass

nowhere = S3Address(endpoint_url="", access_key="", secret_key="", bucket="")
addresses = Addresses(kafka="", catalog_url="", s3=nowhere, mlflow="", data_api="",
                      inference=[], services={})
platform = Platform(Options(state=state), lambda report: None,
                    lambda options, report: Plan([Part(Worker())], addresses))
platform.start()
print("started", flush=True)
time.sleep(120)
"""
