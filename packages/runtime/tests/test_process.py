"""A service as a process: how it answers, logs, ends, and what a kill leaves."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from relevo_contracts import BatchRaw, Topic
from relevo_local.places.ports import free_port
from relevo_runtime.http.watchdog import EXIT_CODE
from relevo_runtime.testing import Probe, eventually

pytestmark = pytest.mark.slow

WATCHDOG_SECONDS = 2
SAMPLE = Path(__file__).with_name("sample_service.py")


class Process:
    """The sample service; what it printed are JSON lines."""

    def __init__(self, folder: Path, kafka: str, group: str, behaviour: str) -> None:
        self.port = free_port()
        self.output = folder / f"{behaviour}.log"
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "KAFKA_SESSION_TIMEOUT_SECONDS": "2",
            "DRAIN_SECONDS": "1",
            "WATCHDOG_SECONDS": str(WATCHDOG_SECONDS),
            "HTTP_PORT": str(self.port),
        }
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(
                [sys.executable, SAMPLE, group, behaviour],
                env=dict(os.environ) | settings,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def said(self, message: str) -> list[dict[str, str]]:
        return [line for line in self.lines() if line["message"] == message]

    async def get(self, path: str) -> httpx.Response | None:
        """The answer, or None while nobody listens."""
        try:
            async with httpx.AsyncClient() as client:
                return await client.get(f"http://127.0.0.1:{self.port}{path}")
        except httpx.TransportError:
            return None


Start = Callable[[str, str, str], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the sample service at (kafka, group, behaviour); none survives the test."""
    processes: list[Process] = []

    def begin(kafka: str, group: str, behaviour: str) -> Process:
        processes.append(Process(tmp_path, kafka, group, behaviour))
        return processes[-1]

    yield begin
    for process in processes:
        process.popen.kill()
        process.popen.wait()


async def test_a_service_without_a_broker_is_healthy_says_what_it_waits_for_and_ends(
    start: Start,
) -> None:
    process = start(f"127.0.0.1:{free_port()}", "sample", "work")

    async def answers() -> bool:
        answer = await process.get("/ready")
        return answer is not None and "waiting for Kafka" in answer.text

    await eventually(answers, "it says what it waits for")
    health = await process.get("/health")
    assert health is not None
    assert health.status_code == 200
    process.popen.send_signal(signal.SIGTERM)
    process.popen.wait(5)

    assert process.said("waiting for Kafka")
    assert {line["service"] for line in process.lines()} == {"sample"}
    assert len(process.lines()) < 30


async def test_a_service_that_cannot_start_because_of_a_bug_ends_with_an_error(
    start: Start,
) -> None:
    process = start("127.0.0.1:1", "sample", "break")

    assert process.popen.wait(20) != 0
    (line,) = process.said("the service cannot go on")
    assert "a bug at the start" in line["exception"]


async def test_a_service_whose_work_beside_it_has_failed_ends_with_an_error(
    start: Start,
) -> None:
    process = start(f"127.0.0.1:{free_port()}", "sample", "fail")

    assert process.popen.wait(30) != 0
    assert "a bug beside it" in process.said("the service cannot go on")[0]["exception"]


async def test_a_process_whose_loop_stands_still_ends_and_says_where_it_stood(
    start: Start,
) -> None:
    process = start(f"127.0.0.1:{free_port()}", "sample", "block")

    assert process.popen.wait(30) == EXIT_CODE
    (line,) = process.said("the loop stands still: the process ends")
    assert "stand_still" in line["at"]


async def test_a_process_that_was_stopped_for_long_goes_on_when_it_may(
    start: Start,
) -> None:
    process = start(f"127.0.0.1:{free_port()}", "sample", "work")

    async def is_healthy() -> bool:
        answer = await process.get("/health")
        return answer is not None and answer.status_code == 200

    await eventually(is_healthy, "it answers")
    process.popen.send_signal(signal.SIGSTOP)
    await asyncio.sleep(2 * WATCHDOG_SECONDS)
    process.popen.send_signal(signal.SIGCONT)

    await eventually(is_healthy, "it answers again")
    await asyncio.sleep(1.5)
    assert process.popen.poll() is None


@pytest.mark.servers
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_an_event_whose_handler_was_killed_is_handled_by_the_next_process(
    start: Start,
    kafka: str,
    probe: Probe,
    group: str,
    batch: Callable[[], BatchRaw],
    how: signal.Signals,
) -> None:
    await probe.skip_all(Topic.BATCH_RAW, group)
    sent = batch()

    first = start(kafka, group, "hang")
    await probe.send(sent)
    await eventually(lambda: first.said("begun") != [], "the handler runs")
    first.popen.send_signal(how)
    first.popen.wait(10)
    second = start(kafka, group, "work")
    await eventually(lambda: second.said("handled") != [], "the next one handles it")

    (line,) = second.said("handled")
    assert line["batch_id"] == sent.batch_id
    assert line["event_id"] == first.said("begun")[0]["event_id"]
