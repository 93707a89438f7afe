"""The tutorial does what it says, typed as it is written into a fresh clone."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from relevo_local.places.ports import is_free
from tests.repo.files import ROOT
from tests.tutorial.reading import Step, steps

PAGE = "docs/tutorial.md"
SECONDS = 400
"""For one step: the longest ones wait for a first start, or for a model."""


class FirstTerminal:
    """What occupies it, until the second terminal stops it."""

    def __init__(self, clone: Path, environment: dict[str, str]) -> None:
        self.clone, self.environment = clone, environment
        self.log = clone.with_suffix(".log")
        self.running: subprocess.Popen[bytes] | None = None

    def type(self, script: str) -> None:
        """Start it; what was there before has been stopped and ends by itself."""
        self.wait()
        with self.log.open("wb") as log:
            self.running = subprocess.Popen(
                ["/bin/bash", "-ec", script],
                cwd=self.clone,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Return when it is free again."""
        if self.running:
            self.running.wait(timeout=60)

    def told(self) -> str:
        """What stands on it."""
        return self.log.read_text(errors="replace")[-4000:] if self.running else ""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a person gets: the last commit, and nothing installed."""
    folder = tmp_path / "relevo"
    command = ["git", "clone", "--quiet", str(ROOT), str(folder)]
    subprocess.run(command, check=True, timeout=60)
    return folder


@pytest.fixture
def first(clone: Path) -> Iterator[FirstTerminal]:
    """A shell without what tests know."""
    named = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RELEVO_", "VIRTUAL_ENV", "PYTEST_"))
    }
    terminal = FirstTerminal(clone, named)
    yield terminal
    if terminal.running and terminal.running.poll() is None:
        subprocess.run(["./relevo", "down"], cwd=clone, env=named, timeout=60)
        terminal.wait()


@pytest.mark.tutorial
@pytest.mark.timeout(1500)
def test_the_tutorial_works_as_written(clone: Path, first: FirstTerminal) -> None:
    taken = [port for port in (5000, 8000, 8001) if not is_free(port)]
    assert not taken, f"the tutorial names ports that are taken here: {taken}"

    for step in steps((clone / PAGE).read_text()):
        if step.terminal == "first terminal":
            first.type(step.script)
        else:
            follow(step, first)
    first.wait()


def follow(step: Step, first: FirstTerminal) -> None:
    """Type it into the second terminal, and compare what is answered."""
    where = f"{PAGE}:{step.line}\n{step.script}"
    try:
        done = subprocess.run(
            ["/bin/bash", "-ec", step.script],
            cwd=first.clone,
            env=first.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"{where}did not end in {SECONDS} s; on the first:\n{first.told()}")
    assert done.returncode == 0, f"{where}{done.stdout}{done.stderr}\n{first.told()}"
    assert step.is_answered_by(done.stdout), (
        f"{where}should answer\n{step.answer}\nbut says\n{done.stdout}{done.stderr}"
    )
