"""The log files of the children: their last lines, and that they stay small."""

import shutil
from pathlib import Path

LONGEST = 5_000_000
"""Bytes; with the one older file that is kept, a process has at most about twice that."""


def log_of(state: Path, name: str) -> Path:
    """Where the output of the process of this name goes."""
    return state / "logs" / f"{name}.log"


def last_lines(log: Path, count: int = 20) -> list[str]:
    """The end of a log; empty when there is none."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        return file.read().decode(errors="replace").splitlines()[-count:]


def shorten(log: Path, longest: int = LONGEST) -> None:
    """Move a log's content to `NAME.log.1` when it is longer than `longest` bytes.

    The file itself stays: its process has it open for appending, and goes on at the
    new end. What is written in between is lost, which a log can bear.
    """
    if log.exists() and log.stat().st_size > longest:
        shutil.copyfile(log, log.with_name(f"{log.name}.1"))
        with log.open("r+b") as file:
            file.truncate(0)
