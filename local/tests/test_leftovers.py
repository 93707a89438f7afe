"""What an earlier supervisor left is ended; what only has its number is left alone."""

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psutil
import pytest

from relevo_local.supervising.leftovers import end_leftovers
from relevo_local.supervising.processes import ProcessStatus

SLEEP = "import time; time.sleep(120)"
PARENT = f"""
import subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
print(other.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own session that has started another one."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], start_new_session=True, stdout=subprocess.PIPE
    ) as started:
        yield started
        started.kill()


def status_of(pid: int) -> ProcessStatus:
    began = psutil.Process(pid).create_time()
    now = datetime.now(UTC)
    return ProcessStatus(name="worker", pid=pid, pid_started=began, since=now)


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def other_of(process: "subprocess.Popen[bytes]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.mark.slow
def test_a_leftover_is_ended_with_what_it_started(
    process: "subprocess.Popen[bytes]",
) -> None:
    other = other_of(process)
    assert end_leftovers([status_of(process.pid)]) == ["worker"]
    assert not runs(process.pid)
    assert not runs(other)


@pytest.mark.slow
def test_what_a_dead_leftover_had_started_is_ended(
    process: "subprocess.Popen[bytes]",
) -> None:
    other, status = other_of(process), status_of(process.pid)
    process.kill()
    process.wait()
    assert runs(other)

    assert end_leftovers([status]) == ["worker"]

    assert not runs(other)


@pytest.mark.parametrize("earlier", [100.0, time.time()], ids=["reused", "before boot"])
def test_a_process_that_has_got_an_old_number_is_left_alone(
    process: "subprocess.Popen[bytes]", earlier: float
) -> None:
    status = status_of(process.pid)
    began = (status.pid_started or 0) - earlier
    old = status.model_copy(update={"pid_started": began})
    assert end_leftovers([old]) == []
    assert runs(process.pid)
    psutil.Process(other_of(process)).kill()


def test_nothing_is_left_of_processes_that_were_stopped() -> None:
    assert end_leftovers([ProcessStatus(name="worker", since=datetime.now(UTC))]) == []
