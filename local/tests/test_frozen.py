"""A process that runs but does not answer: told, then killed and started again."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.places.ports import LOOPBACK, free_port
from relevo_local.platform import Options, Platform
from relevo_local.reports import Report
from relevo_local.settings import inherited_environment
from relevo_local.supervising.asking import client
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.processes import ProcessStatus, read_processes
from relevo_local.supervising.programs import Command

pytestmark = pytest.mark.slow

# A server with a child, as a trainer has one.
SERVER = """
import subprocess, sys
from http.server import SimpleHTTPRequestHandler, test
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)", sys.argv[2]])
test(SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind="127.0.0.1")
"""
NOWHERE = Addresses(
    kafka="",
    catalog_url="",
    s3=S3Address(endpoint_url="", access_key="", secret_key="", bucket=""),
    mlflow="",
    data_api="",
    inference=[],
    services={},
)


@dataclass(frozen=True)
class Door:
    """A program that answers by HTTP."""

    folder: Path
    port: int
    name: str = "door"

    def prepare(self) -> list[Command]:
        command = [sys.executable, "-c", SERVER, str(self.port), str(self.folder)]
        return [Command(command, inherited_environment(), self.folder)]

    def is_ready(self) -> bool:
        return self.is_alive()

    def is_alive(self) -> bool:
        try:
            with client(seconds=0.5) as door:
                return door.get(f"http://{LOOPBACK}:{self.port}").status_code == 200
        except httpx.HTTPError:
            return False

    def settle(self) -> None:
        """Nothing."""


@dataclass
class Run:
    """A platform of one door, and what it told."""

    state: Path
    told: list[Report]

    @property
    def door(self) -> ProcessStatus:
        return read_processes(self.state)[0]

    def texts(self) -> str:
        return "\n".join(report.text for report in self.told)

    def family(self) -> list[psutil.Process]:
        door = psutil.Process(self.door.pid)
        return [door, *door.children(recursive=True)]

    def signal(self, which: signal.Signals) -> None:
        for member in self.family():
            os.kill(member.pid, which)


Begin = Callable[[float], Run]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    platforms: list[Platform] = []

    def one(silence: float) -> Run:
        told: list[Report] = []
        options = Options(state=tmp_path, silence_seconds=silence)
        plan = Plan([Part(Door(tmp_path, free_port()))], NOWHERE)
        platforms.append(Platform(options, told.append, lambda *_: plan))
        platforms[0].start()
        return Run(tmp_path, told)

    yield one
    platforms[0].stop()


def eventually(what: Callable[[], object], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


def test_a_frozen_process_is_told_then_killed_with_its_family_and_comes_back(
    begin: Begin,
) -> None:
    run = begin(4.0)
    before, frozen = run.door, run.family()
    assert len(frozen) == 2
    run.signal(signal.SIGSTOP)

    eventually(lambda: run.door.state == "silent")
    assert run.door.pid == before.pid
    assert run.door.since > before.since
    eventually(lambda: run.door.restarts == 1 and run.door.state == "ready")

    assert run.door.pid != before.pid
    assert not any(process.is_running() for process in frozen)
    assert "runs, but has not answered for" in run.texts()
    assert "and was killed, again in 0.5 s" in run.texts()


def test_a_process_that_answers_again_in_time_goes_on(begin: Begin) -> None:
    run = begin(60.0)
    pid = run.door.pid
    run.signal(signal.SIGSTOP)
    eventually(lambda: run.door.state == "silent")
    run.signal(signal.SIGCONT)

    eventually(lambda: run.door.state == "ready")

    assert run.door.pid == pid
    assert run.door.restarts == 0
    assert "answers again after" in run.texts()
