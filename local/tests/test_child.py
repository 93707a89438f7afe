"""A child process ends, with all that it started, when it should and never later."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from relevo_local.settings import inherited_environment
from relevo_local.supervising.child import Child
from relevo_local.supervising.logs import last_lines, shorten
from relevo_local.supervising.programs import Command

Begin = Callable[[Command], Child]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
PARENT = """
import subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(other.pid, flush=True)
time.sleep(60)
"""
# A supervisor that starts a child in a thread, tells its id and waits to be killed.
SUPERVISOR = """
import sys, pathlib, time
from relevo_local.supervising.child import Child
from relevo_local.supervising.programs import Command
child = Child(Command([sys.executable, "-c", "import time; time.sleep(60)"]),
              pathlib.Path(sys.argv[1]) / "log")
print(child.pid, flush=True)
time.sleep(60)
"""


def python(source: str, *, stop_seconds: float = 5.0) -> Command:
    return Command(
        [sys.executable, "-u", "-c", source],
        inherited_environment(),
        stop_seconds=stop_seconds,
    )


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[Command], Child]]:
    """Starts children that write to `tmp_path/log`; stops them after the test."""
    children: list[Child] = []

    def one(command: Command) -> Child:
        children.append(Child(command, tmp_path / "log"))
        return children[-1]

    yield one
    for child in children:
        child.stop()


def eventually(what: Callable[[], object], *, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_writes_to_its_log_and_ends_when_asked(
    tmp_path: Path, begin: Begin
) -> None:
    log = tmp_path / "log"
    child = begin(python("print('hello'); import time; time.sleep(60)"))
    eventually(lambda: last_lines(log) == ["hello"])
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, begin: Begin) -> None:
    log = tmp_path / "log"
    source = STUBBORN + "print('ready'); time.sleep(60)"
    child = begin(python(source, stop_seconds=0.3))
    eventually(lambda: last_lines(log) == ["ready"])
    child.stop()
    assert child.exit_code == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.parametrize("killed_before", [False, True])
def test_what_a_child_started_ends_with_it(
    tmp_path: Path, begin: Begin, killed_before: bool
) -> None:
    log = tmp_path / "log"
    child = begin(python(PARENT))
    eventually(lambda: last_lines(log))
    grandchild = int(last_lines(log)[0])
    if killed_before:
        psutil.Process(child.pid).kill()
        assert child.wait(5) == -signal.SIGKILL
        assert not gone(grandchild)
    child.stop()
    eventually(lambda: gone(grandchild))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
def test_a_child_ends_when_its_supervisor_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, tmp_path], stdout=subprocess.PIPE
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        assert not gone(child)
        supervisor.kill()
    eventually(lambda: gone(child))


def test_ctrl_c_in_the_terminal_does_not_reach_a_child(begin: Begin) -> None:
    child = begin(python("import time; time.sleep(60)"))
    assert os.getsid(child.pid) == child.pid


def test_a_long_log_is_shortened_while_its_process_writes_on(
    tmp_path: Path, begin: Begin
) -> None:
    log = tmp_path / "log"
    source = "import time\nfor n in range(10**6): print('line', n); time.sleep(0.01)"
    begin(python(source))
    eventually(lambda: log.stat().st_size > 200)

    shorten(log, longest=100)

    assert (tmp_path / "log.1").read_text().startswith("line 0\n")
    eventually(lambda: last_lines(log))
    assert b"\0" not in log.read_bytes()
    assert log.read_text().splitlines()[0] != "line 0"
