"""`./relevo` of a checkout: the command, without developers' tools and without network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / "relevo"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the launcher in it; nothing is installed."""
    shutil.copy(LAUNCHER, tmp_path)
    return tmp_path


def run(checkout: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """From another folder, with hardly any program to be found."""
    return subprocess.run(
        [checkout / "relevo", *arguments],
        cwd="/",
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_where_nothing_is_installed_it_says_what_to_do(checkout: Path) -> None:
    done = run(checkout, "status")

    assert done.returncode == 1
    assert "`make run` installs" in done.stderr


def test_it_is_the_command_beside_it_with_the_same_arguments_and_exit_code(
    checkout: Path,
) -> None:
    command = checkout / ".venv" / "bin" / "relevo"
    command.parent.mkdir(parents=True)
    command.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 3\n')
    command.chmod(0o755)

    done = run(checkout, "events", "a word", "*")

    assert (done.stdout, done.returncode) == ("events|a word|*|", 3)


def test_it_is_plain_sh() -> None:
    shellcheck = Path(sys.executable).parent / "shellcheck"

    done = subprocess.run([shellcheck, LAUNCHER], capture_output=True, text=True)

    assert done.stdout + done.stderr == ""


def test_no_page_sends_people_to_uv_for_the_command() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")]

    assert [p.name for p in pages if re.search(r"uv run relevo\b", p.read_text())] == []
