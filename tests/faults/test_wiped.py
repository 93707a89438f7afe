"""What is kept is lost in the middle of the work, or is again what it was a while ago."""

from pathlib import Path

import pytest

from tests.faults.line import Line, Lines
from tests.faults.platform import Faulty
from tests.faults.wiping import copy, lose, restore

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
LOST = ("kafka", "catalog", "mlflow", "postgres")
COPIED = ("kafka", "seaweedfs", "postgres")
DATASETS = (
    *(f"lost_{what}" for what in (*LOST, "seaweedfs")),
    *(f"older_{what}" for what in COPIED),
)
PATIENCE = 180.0
"""MLflow without tables is started again after a minute; so are lost events told again."""


def goes_on(faulty: Faulty, line: Line) -> None:
    """Another batch becomes the model of every pod, of a new one too."""
    line.until_quiet(seconds=PATIENCE)
    before = line.champion()
    line.offer()
    line.until_quiet(seconds=PATIENCE)
    faulty.kill("pod-1")
    line.until_quiet(seconds=PATIENCE)
    assert line.champion() != before


@pytest.mark.parametrize("what", LOST)
def test_what_was_lost_is_made_good(faulty: Faulty, lines: Lines, what: str) -> None:
    line = lines(f"lost_{what}")
    for _ in range(2):
        line.offer()
        line.until_quiet(seconds=PATIENCE)
    line.offer()  # it is on its way when that happens

    lose(faulty, what)

    goes_on(faulty, line)
    line.assert_once_though_lost()


def test_a_lost_store_is_made_good_by_the_command_that_is_told(
    faulty: Faulty, lines: Lines
) -> None:
    line = lines("lost_seaweedfs")
    for _ in range(2):
        line.offer()
        line.until_quiet(seconds=PATIENCE)
    line.offer()

    lose(faulty, "seaweedfs")
    # a model of fewer batches than serve is nothing that pods step back to by themselves
    command = faulty.advised(
        "registry-watcher", f"relevo promote {line.dataset}", seconds=PATIENCE
    )
    faulty.obey(command)

    goes_on(faulty, line)
    line.assert_once_though_lost()


@pytest.mark.parametrize("what", COPIED)
def test_an_older_copy_is_made_good(
    faulty: Faulty, lines: Lines, tmp_path: Path, what: str
) -> None:
    line = lines(f"older_{what}")
    line.offer()
    line.until_quiet(seconds=PATIENCE)
    copy(faulty, what, tmp_path / "copy")
    for _ in range(2):
        line.offer()
        line.until_quiet(seconds=PATIENCE)
    line.offer()

    restore(faulty, what, tmp_path / "copy")

    goes_on(faulty, line)
    line.assert_once_though_lost()
