"""One pod for the tests of a file, and what it needs of the machine."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from relevo_local.places.ports import free_port


@dataclass
class LonePod:
    """A pod without a broker, as a process, and what it needs of the machine."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def forget_peak(self) -> float:
        """The peak of its memory begins now; the megabytes that it has (RSS)."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self._megabytes("VmRSS")

    @property
    def peak(self) -> float:
        """The most megabytes (RSS) that it had since then."""
        return self._megabytes("VmHWM")

    def _megabytes(self, name: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024

    @property
    def cpu_seconds(self) -> float:
        text = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def lone_pod(
    promote: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LonePod]:
    """Serves version 1 of diabetes130."""
    folder = tmp_path_factory.mktemp("pod")
    promoted = promote(1)
    (folder / "event.json").write_text(promoted.promotion.event.model_dump_json())
    (folder / "bundle.zip").write_bytes(promoted.content)
    script = Path(__file__).with_name("lone_pod.py")
    port = free_port()
    command = (sys.executable, script, folder / "event.json", folder / "bundle.zip")
    with subprocess.Popen([*command, str(port)], stderr=subprocess.DEVNULL) as process:
        pod = LonePod(process, port)
        try:
            deadline = time.monotonic() + 60
            while not _is_healthy(pod):
                assert time.monotonic() < deadline, "the pod lives"
                time.sleep(0.1)
            yield pod
        finally:
            process.kill()


def _is_healthy(pod: LonePod) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{pod.url}/health").status_code == 200
    return False
