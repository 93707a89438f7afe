"""`relevo up` around a platform of one small program: signals, faults, the terminal."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from relevo.example import curl
from relevo_local.supervising.processes import read_processes

# What `relevo up` does but for what it starts: one program that sleeps, or that fails.
UP = """
import sys
from pathlib import Path
import relevo_local.composition as composition
from relevo_local.places.addresses import Addresses, S3Address
from relevo_local.supervising.parts import Part, Plan
from relevo_local.supervising.programs import Command

class Small:
    name = "kafka"
    program = sys.argv.pop()
    def prepare(self): return [Command([sys.executable, "-c", self.program], {}, Path("."))]
    def is_ready(self): return "sleep" in self.program
    def settle(self): pass

away = "http://127.0.0.1:1"
where = Addresses(kafka="127.0.0.1:1", catalog_url="postgresql://127.0.0.1:1/x",
    s3=S3Address(endpoint_url=away, access_key="a", secret_key="b", bucket="c"),
    mlflow=away, data_api=away, inference=["http://127.0.0.1:8000"], services={})
composition.whole_platform = lambda options, report: Plan([Part(Small())], where)
from relevo.__main__ import main
main()
"""
SLEEPS = "import time; time.sleep(60)"
FAILS = "print('the disk is full: No space left on device'); raise SystemExit(3)"


@contextmanager
def up(
    state: Path, program: str, *options: str, terminal: int | None = None
) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", UP, "up", "--state", str(state), *options, program]
    process = subprocess.Popen(
        command,
        stdin=terminal if terminal is not None else subprocess.DEVNULL,
        stdout=terminal if terminal is not None else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until_ready(state: Path) -> int:
    """The process id of the small program."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = read_processes(state)
        if (state / "example.json").exists() and found and found[0].pid:
            return found[0].pid
        time.sleep(0.05)
    raise AssertionError("the small platform is not ready")


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_a_second_one_only_asks_for_patience(
    tmp_path: Path, which: signal.Signals
) -> None:
    with up(tmp_path / "state", SLEEPS) as process:
        pid = until_ready(tmp_path / "state")
        process.send_signal(which)
        process.send_signal(which)
        told, errors = process.communicate(timeout=10)

    assert process.returncode == 0, errors
    assert "relevo: stopping everything" in told
    assert told.rstrip().endswith("platform: stopped")
    assert errors == ""
    assert not psutil.pid_exists(pid)


def test_the_request_is_told_when_everything_is_ready(tmp_path: Path) -> None:
    with up(tmp_path / "state", SLEEPS) as process:
        assert process.stdout is not None
        told: list[str] = []
        while not told or not told[-1].startswith("curl"):
            told.append(process.stdout.readline())
            assert told[-1], f"the command ended: {told}"

    assert "kafka: ready after" in told[0]
    assert told[-1] == curl("http://127.0.0.1:8000") + "\n"


def test_a_program_that_cannot_start_shows_its_last_words_and_the_remedy(
    tmp_path: Path,
) -> None:
    with up(tmp_path / "state", FAILS) as process:
        told, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "| the disk is full: No space left on device" in errors
    last = errors.splitlines()[-1]
    assert last.startswith("relevo: kafka ended (exit code 3):")
    assert "make room and start again" in last
    assert "Traceback" not in told + errors


def test_on_a_terminal_the_screen_is_given_back_with_the_end_of_the_story(
    tmp_path: Path,
) -> None:
    ours, theirs = pty.openpty()
    with up(tmp_path / "state", SLEEPS, terminal=theirs) as process:
        os.close(theirs)
        until_ready(tmp_path / "state")
        shown = b""
        while b"Ctrl-C stops everything" not in shown:
            shown += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        with suppress(OSError):  # the other side is closed: the command has ended
            while chunk := os.read(ours, 65_536):
                shown += chunk
        process.wait(10)
    os.close(ours)

    assert process.returncode == 0
    enters, leaves = shown.find(b"\x1b[?1049h"), shown.find(b"\x1b[?1049l")
    assert 0 <= enters < leaves
    assert b"platform" in shown[leaves:]
    assert b"stopped" in shown[leaves:]


def test_plain_lines_on_a_terminal_when_they_are_asked_for(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with up(tmp_path / "state", SLEEPS, "--plain", terminal=theirs) as process:
        os.close(theirs)
        until_ready(tmp_path / "state")
        shown = b""
        while b"ready after" not in shown:
            shown += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        process.wait(10)
    os.close(ours)

    assert b"\x1b[?1049h" not in shown
