"""`relevo up` around a platform of one small program: signals, faults, the terminal."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

import relevo_datasets
from relevo.example import curls
from relevo_local.supervising.processes import read_processes

pytestmark = pytest.mark.slow

SLEEPS = "import time; time.sleep(60)"
FAILS = "print('the disk is full: No space left on device'); raise SystemExit(3)"
BY_FORK = Path(__file__).with_name("up_by_fork.py")


class Up:
    """A process of `relevo up`, which is used as one of `subprocess` is."""

    def __init__(self, door: socket.socket, stdout: int, stderr: int) -> None:
        self._door, self.stdout, self._stderr = door, open(stdout), open(stderr)  # noqa: SIM115
        self._replies = door.makefile()
        self.pid = int(self._replies.readline())
        self.returncode: int | None = None

    def send_signal(self, which: signal.Signals) -> None:
        os.kill(self.pid, which)

    def wait(self, seconds: float) -> None:
        if self.returncode is None:
            self._door.settimeout(seconds)
            self.returncode = int(self._replies.readline())

    def communicate(self, timeout: float) -> tuple[str, str]:
        self.wait(timeout)
        return self.stdout.read(), self._stderr.read()

    def end(self) -> None:
        if self.returncode is None:
            self.send_signal(signal.SIGKILL)
        self.wait(10)
        self.stdout.close()
        self._stderr.close()


Start = Callable[..., AbstractContextManager[Up]]


@pytest.fixture(scope="module")
def door() -> Iterator[socket.socket]:
    """Where processes of `relevo up` come from, with their imports done."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, str(BY_FORK), str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()]), ours:
        theirs.close()
        yield ours


@pytest.fixture
def up(door: socket.socket) -> Start:
    """up(state, program, *options, terminal=None): a context with the process."""

    @contextmanager
    def started(
        state: Path, program: str, *options: str, terminal: int | None = None
    ) -> Iterator[Up]:
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
        asked = {
            "arguments": ["--state", str(state), *options],
            "environment": environment | {"LINES": "30"},
            "program": program,
        }
        nothing = os.open(os.devnull, os.O_RDWR)
        (told, out), (failed, err) = os.pipe(), os.pipe()
        given = [nothing, out, err] if terminal is None else [terminal, terminal, err]
        socket.send_fds(door, [json.dumps(asked).encode()], given)
        for each in (nothing, out, err):
            os.close(each)
        process = Up(door, told, failed)
        try:
            yield process
        finally:
            process.end()

    return started


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
    up: Start, tmp_path: Path, which: signal.Signals
) -> None:
    with up(tmp_path / "state", SLEEPS) as process:
        pid = until_ready(tmp_path / "state")
        process.send_signal(which)
        process.send_signal(which)
        told, errors = process.communicate(timeout=10)

    assert process.returncode == 0, errors
    assert "relevo: stopping everything" in told
    assert "platform: stopped" in told
    kept = f"relevo up --state {tmp_path}/state` goes on from there"
    assert kept in told.splitlines()[-1]
    assert "forgets it" in told.splitlines()[-1]
    assert errors == ""
    assert not psutil.pid_exists(pid)


def test_the_request_is_told_when_everything_is_ready(up: Start, tmp_path: Path) -> None:
    with up(tmp_path / "state", SLEEPS) as process:
        told: list[str] = []
        while not told or not told[-1].startswith("curl"):
            told.append(process.stdout.readline())
            assert told[-1], f"the command ended: {told}"

    assert "kafka: ready after" in told[0]
    assert told[-1] == curls("http://127.0.0.1:8000", ["diabetes130"])[0] + "\n"


def test_an_unknown_dataset_is_told_before_anything_starts(
    up: Start, tmp_path: Path
) -> None:
    with up(tmp_path / "state", SLEEPS, "--dataset", "pima,nosuch") as process:
        told, errors = process.communicate(timeout=30)

    assert process.returncode == 2
    assert told == ""
    assert errors.startswith("relevo: no dataset 'nosuch'; there are: ")
    assert "pima" in errors
    assert not (tmp_path / "state").exists()


def test_rows_that_are_not_where_the_declaration_says_are_told_before_anything_starts(
    up: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pima = Path(relevo_datasets.__file__).parent / "shipped" / "pima.toml"
    text = f'source = {{ path = "rows.csv" }}\n{pima.read_text()}'
    (tmp_path / "pima.toml").write_text(text)
    monkeypatch.setenv("RELEVO_DATASETS", str(tmp_path))
    with up(tmp_path / "state", SLEEPS, "--dataset", "pima") as process:
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert f"{tmp_path}/rows.csv, which is not there" in errors
    assert not (tmp_path / "state").exists()


def test_each_dataset_has_its_own_request_and_the_first_needs_no_name(
    up: Start,
    tmp_path: Path,
) -> None:
    datasets = ["pima", "diabetes130"]
    with up(tmp_path / "state", SLEEPS, "--dataset", ",".join(datasets)) as process:
        told: list[str] = []
        while sum(line.startswith("curl") for line in told) < 2:
            told.append(process.stdout.readline())
            assert told[-1], f"the command ended: {told}"

    commands = [line.removesuffix("\n") for line in told if line.startswith("curl")]
    assert commands == curls("http://127.0.0.1:8000", datasets)
    assert "/predict -H" in commands[0]
    assert '"Glucose":148' in commands[0]
    assert "/models/diabetes130/predict -H" in commands[1]


def test_a_program_that_cannot_start_shows_its_last_words_and_the_remedy(
    up: Start,
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
    up: Start,
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


def test_plain_lines_on_a_terminal_when_they_are_asked_for(
    up: Start, tmp_path: Path
) -> None:
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
