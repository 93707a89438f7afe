"""A container's health check: it tells apart who waits for others and who is frozen."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from relevo_local.places.ports import free_port
from relevo_runtime import checkup

pytestmark = pytest.mark.slow

# /health is answered, /ready is not: as a service does that waits for Kafka.
SERVICE = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
INIT = """
import subprocess, sys
sys.exit(subprocess.Popen([sys.executable, *sys.argv[1:]]).wait() != 0)
"""


class Container:
    """A first process, and the service that is its child."""

    def __init__(self, folder: Path) -> None:
        self.memory, port = folder / "memory", str(free_port())
        self.place = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", INIT, "-c", SERVICE, port]
        self.init = subprocess.Popen(
            command, stderr=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def service(self) -> int:
        return next(iter(checkup.children(self.init.pid)))

    def is_well(self, page: str, *, seconds: float = 0.0) -> bool:
        url = f"{self.place}{page}"
        return checkup.main(url, memory=self.memory, init=self.init.pid, seconds=seconds)


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    monkeypatch.setattr(checkup, "PATIENCE_SECONDS", 0.3)
    begun = Container(tmp_path)
    try:
        yield begun
    finally:
        with suppress(ProcessLookupError):
            os.killpg(begun.init.pid, signal.SIGKILL)
        begun.init.wait()


def wait_for(container: Container) -> None:
    deadline = time.monotonic() + 20
    while not container.is_well("/health"):
        assert time.monotonic() < deadline, "the service never answered"
        time.sleep(0.05)


def test_a_frozen_service_is_killed_and_its_container_ends(container: Container) -> None:
    wait_for(container)
    os.kill(container.service, signal.SIGSTOP)

    checks = [container.is_well("/health") for _ in range(checkup.MISSES)]

    assert not any(checks)
    assert container.init.wait(5) == 1


def test_a_service_that_waits_for_others_is_unhealthy_and_let_live(
    container: Container,
) -> None:
    wait_for(container)

    checks = [container.is_well("/ready") for _ in range(2 * checkup.MISSES)]

    assert not any(checks)
    assert container.init.poll() is None


def test_misses_in_a_short_time_kill_nobody_nor_those_before_an_answer(
    container: Container,
) -> None:
    wait_for(container)
    service = container.service
    os.kill(service, signal.SIGSTOP)
    for _ in range(checkup.MISSES):
        container.is_well("/health", seconds=60)
    os.kill(service, signal.SIGCONT)
    wait_for(container)
    os.kill(service, signal.SIGSTOP)

    container.is_well("/health")

    assert container.init.poll() is None
    assert container.service == service


def test_a_service_that_is_still_starting_is_let_live(container: Container) -> None:
    for _ in range(2 * checkup.MISSES):
        checkup.main(
            "http://127.0.0.1:1/health",
            memory=container.memory,
            init=container.init.pid,
            seconds=0,
        )

    assert container.init.poll() is None
