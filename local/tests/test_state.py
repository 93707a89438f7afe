"""The state folder: one holder, private secrets, a first start that is remembered."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from relevo_local.places.addresses import NotRunning, read_addresses
from relevo_local.places.secret_file import random_secret, remembered
from relevo_local.places.state import AlreadyRunning, hold, supervisor_pid

HOLD = """
import sys, time, pathlib
from relevo_local.places.state import hold
with hold(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Another process that holds the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_held_folder_is_refused_by_the_name_of_its_holder(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    with pytest.raises(AlreadyRunning, match=f"process {holder.pid}"), hold(tmp_path):
        pass
    assert supervisor_pid(tmp_path) == holder.pid


def test_a_killed_holder_holds_nothing_any_more(
    tmp_path: Path, holder: "subprocess.Popen[bytes]"
) -> None:
    holder.kill()
    holder.wait()
    assert supervisor_pid(tmp_path) is None
    with hold(tmp_path):
        assert supervisor_pid(tmp_path) is not None


def test_asking_who_holds_a_folder_does_not_make_it(tmp_path: Path) -> None:
    assert supervisor_pid(tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


def test_addresses_of_a_platform_that_does_not_run_say_how_to_start_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(NotRunning, match="relevo up"):
        read_addresses(tmp_path)


def test_secrets_are_random_private_and_stay(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "secrets.json"
    first = remembered(path, one=random_secret)
    both = remembered(path, one=random_secret, two=random_secret)

    assert both["one"] == first["one"]
    assert len({*both.values()}) == 2
    assert remembered(path, two=random_secret) == {"two": both["two"]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
