"""The whole platform, with every service of ours, starts, answers and ends."""

import time
from pathlib import Path

import httpx
import psutil
import pytest

from relevo_local.platform import Options, Platform, read_processes
from relevo_local.reports import Report

pytestmark = [pytest.mark.platform, pytest.mark.timeout(300)]

SERVICES = Path(__file__).parents[2] / "services"
PROCESSES = {
    *("kafka", "postgres", "seaweedfs", "mlflow"),
    *(path.parent.name for path in SERVICES.glob("*/pyproject.toml")),
    *("pod-1", "pod-2"),
} - {"inference"}


def test_every_process_answers_and_a_stop_within_ten_seconds_leaves_none(
    tmp_path: Path,
) -> None:
    told: list[Report] = []
    platform = Platform(Options(state=tmp_path), told.append)
    addresses = platform.start()
    try:
        rows = read_processes(tmp_path)
        assert {row.name: row.state for row in rows} == dict.fromkeys(PROCESSES, "ready")
        assert len(addresses.inference) == 2
        for url in addresses.services.values():
            assert httpx.get(f"{url}/health", timeout=10).status_code == 200
            assert httpx.get(f"{url}/metrics", timeout=10).status_code == 200
        roots = [psutil.Process(row.pid) for row in rows if row.pid]
        everything = [p for root in roots for p in (root, *root.children(recursive=True))]
    finally:
        began = time.monotonic()
        platform.stop()
        seconds = time.monotonic() - began

    assert seconds < 10
    assert [process for process in everything if process.is_running()] == []
    assert told[-1].text == "stopped"
