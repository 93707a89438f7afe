"""kubernetes/deploy.sh: what cannot be deployed is said in one line, and nothing is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.files import ROOT
from tests.repo.kubernetes import OVERLAYS

PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy, in which keys can be written; no cluster is near it."""
    for name in ("kubernetes", "observability"):
        ignored = shutil.ignore_patterns("platform.env", "keys.json", "relevo_api_key")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    return tmp_path / "kubernetes"


def deploy(folder: Path, *arguments: str) -> tuple[int, str]:
    """How it ends, and what it says."""
    nowhere = {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "KUBECONFIG": str(folder / "none"),
    }
    done = subprocess.run(
        [folder / "deploy.sh", *arguments],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        timeout=50,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_unknown_overlay_is_refused_with_those_that_there_are(folder: Path) -> None:
    ended, told = deploy(folder, "up", "moon")

    assert ended == 1
    assert told == (
        f"there is no overlay 'moon': overlay=NAME takes one of {' '.join(OVERLAYS)}\n"
    )


def test_without_keys_nothing_is_deployed_and_the_command_is_named(folder: Path) -> None:
    ended, told = deploy(folder, "up", "local")

    assert ended == 1
    assert told.endswith("is not there: make kubernetes-env overlay=local writes it\n")
    assert told.count("\n") == 1


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_written_keys_are_random_and_private_and_are_not_written_twice(
    folder: Path, overlay: str
) -> None:
    assert deploy(folder, "env", overlay)[0] == 0
    keys = folder / "overlays" / overlay / "platform.env"
    before = keys.read_text()

    ended, told = deploy(folder, "env", overlay)

    assert ended == 1
    assert "is there already" in told
    assert keys.read_text() == before
    assert "RANDOM" not in before
    assert keys.stat().st_mode & 0o077 == 0


def test_a_key_without_a_value_is_named(folder: Path) -> None:
    deploy(folder, "env", "local")
    keys = folder / "overlays/local/platform.env"
    keys.write_text(keys.read_text().replace("WEBHOOK_SECRET=", "WEBHOOK_SECRET=\n#"))

    ended, told = deploy(folder, "up", "local")

    assert ended == 1
    assert told.endswith("platform.env has no value for WEBHOOK_SECRET\n")


def test_without_a_cluster_it_says_how_one_is_named(folder: Path) -> None:
    deploy(folder, "env", "local")

    ended, told = deploy(folder, "up", "local")

    assert ended == 1
    assert told == "no Kubernetes answers kubectl: set KUBECONFIG, or start one\n"


def test_the_script_is_one_that_shellcheck_finds_no_fault_with() -> None:
    script = ROOT / "kubernetes/deploy.sh"
    done = subprocess.run([PROGRAMS / "shellcheck", script], capture_output=True, text=True)

    assert done.stdout == ""
