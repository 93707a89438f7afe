"""A server goes away in the middle of a batch, or its disk is full: work waits."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo_contracts.results import Stage
from tests.faults.cases import WAYS
from tests.faults.line import Line, Lines, Note
from tests.faults.platform import SERVERS, Faulty
from tests.faults.seeing import progress_of
from tests.pipeline.reaching import until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]
DATASETS = ("away",)
PATIENCE = 90.0
SOON_SECONDS = 10.0
DISK = "400m"
FULL_SECONDS = 20.0
IDLE = ("NumberedSource.next", "PostgresLeases.")
"""Who waits for a server asks its source, and takes its lease, for each attempt."""
WORK = {
    f"{service} {point}"
    for service, way in WAYS.items()
    for point in way
    if not point.startswith(IDLE)
}


def prepare(state: Path) -> None:
    """The object store has a small disk of its own, where that can be had."""
    store = state / "seaweedfs"
    store.mkdir(parents=True)
    mount = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(store)]
    subprocess.run(mount, capture_output=True, check=False)


@pytest.fixture(scope="module", autouse=True)
def _unmounted(faulty: Faulty) -> Iterator[None]:
    yield
    store = faulty.state / "seaweedfs"
    faulty.stop()
    if store.is_mount():
        subprocess.run(["/usr/bin/umount", str(store)], check=True)


def until_cleaned(faulty: Faulty, line: Line) -> None:
    """Return when the newest batch is clean: now somebody learns from it."""

    def is_cleaned() -> bool:
        progress = asyncio.run(progress_of(faulty.addresses, line.dataset))
        return {r.number for r in progress.results[Stage.CLEAN]} == line.offered.keys()

    until(is_cleaned, seconds=PATIENCE, what="the batch is not clean")


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("seconds", [5, 30, 90])
def test_work_goes_on_soon_after_a_server_is_back(
    faulty: Faulty,
    lines: Lines,
    server: str,
    seconds: float,
    record_property: Note,
) -> None:
    line = lines("away")
    line.offer()
    until_cleaned(faulty, line)
    faulty.take_away(server)
    line.offer()
    time.sleep(seconds)

    back = faulty.bring_back(server)

    until(
        lambda: worked(faulty) > back,
        seconds=PATIENCE,
        what=f"nothing happens after {server} is back",
    )
    resumed = worked(faulty) - back
    quiet = line.until_quiet(seconds=PATIENCE)
    record_property("resumed after s", round(resumed, 1))
    record_property("all done after s", round(resumed + quiet, 1))
    line.assert_once()
    assert resumed <= SOON_SECONDS


def worked(faulty: Faulty) -> float:
    """When anything was last done for a batch."""
    return max(time for point, time in faulty.passed().items() if point in WORK)


def test_a_full_disk_of_the_store_is_an_outage(faulty: Faulty, lines: Lines) -> None:
    line, store = lines("away"), faulty.state / "seaweedfs"
    if not store.is_mount():
        pytest.skip("a small disk can be mounted by root alone")
    ballast = store / "ballast"
    fill(ballast)
    line.offer()
    line.offer()
    time.sleep(FULL_SECONDS)

    ballast.unlink()

    line.until_quiet(seconds=PATIENCE)
    line.assert_once()


def fill(ballast: Path) -> None:
    """Take all the room that there is."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024 * 1024))
        except OSError:
            pass
