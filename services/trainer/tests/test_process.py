"""The training process: it is told of, it is killed, and it dies with the service."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from relevo_contracts import OutageError
from trainer.jobs.process import TrainingFailedError, build_train, warm_up
from trainer.learning.assignment import Assignment, Table
from trainer.learning.stages import Progress
from trainer.recording.registered import Registry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
Assign = Callable[[Sequence[Table]], Assignment]

SERVICE = """
import asyncio, sys
from pathlib import Path
from datetime import UTC, datetime
from trainer.learning.assignment import Assignment, Table
from trainer.recording.registered import Registry
from trainer.jobs.process import build_train, warm_up
if __name__ == "__main__":
    now = datetime.now(UTC)
    content = Path(sys.argv[2]).read_bytes()
    tables = (Table("d-0001", "k", "0" * 64, content),)
    assignment = Assignment("d", "d-0001", tables, now, now, "c")
    warm_up()
    train = build_train(Registry(sys.argv[1], "champion"))
    asyncio.run(train(assignment, lambda progress: print(progress.stage, flush=True)))
"""


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def trainings() -> set[int]:
    """The processes below this one that are busy with a training job."""
    return {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    }


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 (a process offers no event)
            await asyncio.sleep(0.02)


async def test_a_server_that_is_away_is_an_outage(
    assign: Assign, tables: Sequence[Table]
) -> None:
    train = build_train(Registry("http://127.0.0.1:9", "champion"))

    with pytest.raises(OutageError, match="MLflow"):
        await train(assign(tables), lambda _: None)


async def test_a_job_that_is_cancelled_leaves_no_process_and_never_blocked_the_loop(
    assign: Assign, tables: Sequence[Table], silent_server: str
) -> None:
    before = trainings()
    told: list[Progress] = []
    train = build_train(Registry(silent_server, "champion"))
    job = asyncio.create_task(train(assign(tables), told.append))
    longest = 0.0
    while not told:
        began = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - began)
    assert trainings() - before

    job.cancel()
    with suppress(asyncio.CancelledError):
        await job

    assert trainings() <= before
    assert longest < 2, "the event loop waited"


async def test_a_job_that_is_cancelled_while_it_starts_does_not_start_after_all(
    assign: Assign, tables: Sequence[Table], silent_server: str
) -> None:
    before = trainings()
    train = build_train(Registry(silent_server, "champion"))
    job = asyncio.create_task(train(assign(tables), lambda _: None))
    await asyncio.sleep(0)

    job.cancel()
    with suppress(asyncio.CancelledError):
        await job

    assert trainings() <= before


async def test_a_job_that_is_killed_is_a_failure(
    assign: Assign, tables: Sequence[Table], silent_server: str
) -> None:
    before = trainings()
    told: list[Progress] = []
    train = build_train(Registry(silent_server, "champion"))
    job = asyncio.create_task(train(assign(tables), told.append))
    await until(lambda: bool(told))

    for pid in trainings() - before:
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(TrainingFailedError, match="without a result"):
        await job


def test_a_job_dies_with_its_service_that_is_killed(
    silent_server: str, tmp_path: Path, tables: Sequence[Table]
) -> None:
    program, table = tmp_path / "service.py", tmp_path / "table.parquet"
    program.write_text(SERVICE)
    table.write_bytes(tables[0].content)
    command = [sys.executable, str(program), silent_server, str(table)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        assert service.stdout.readline().strip() == "look"
        below = psutil.Process(service.pid).children(recursive=True)
        assert len(below) >= 2, "a server process and a job"

        service.kill()
        gone, alive = psutil.wait_procs(below, timeout=20)

    assert alive == []
    assert len(gone) == len(below)
