"""`relevo logs`: what one process wrote."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from relevo.commands.options import Follow, State
from relevo.errors import CommandError
from relevo_local.supervising.logs import log_of
from relevo_story.telling.figures import clock, moment

POLL_SECONDS = 0.25
LEFT_OUT = {"timestamp", "level", "message", "service", "logger", "exception"}


def logs(
    service: Annotated[
        str, typer.Argument(help="a process's name, as `relevo status` shows")
    ],
    state: State,
    follow: Follow = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="how many")] = 100,
) -> None:
    """The last lines that a process wrote; in a pipe as they are."""
    path = find_log(state, service)
    is_for_people = sys.stdout.isatty()
    try:
        for text in read_lines(path, count=lines, follow=follow):
            typer.echo(readable(text) if is_for_people else text.rstrip("\n"))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def find_log(state: Path, service: str) -> Path:
    """The process's log file; CommandError names those that are there."""
    folder = log_of(state, service).parent
    names = sorted(path.stem for path in folder.glob("*.log"))
    if not names:
        raise CommandError(
            f"there are no logs in {folder}: `relevo up` starts the platform"
        )
    if service not in names:
        raise CommandError(f"no log of {service!r}; there are: {', '.join(names)}", code=2)
    return log_of(state, service)


def read_lines(path: Path, *, count: int, follow: bool) -> Iterator[str]:
    """The last `count` lines, then each new one; a file that is shortened is no end."""
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from file.readlines()[-count:]
        while follow:
            if line := file.readline():
                yield line
                continue
            if path.stat().st_size < file.tell():
                file.seek(0)
            time.sleep(POLL_SECONDS)


def readable(line: str) -> str:
    """'14:03:09 info     batch cleaned  batch_id=diabetes130-0002 rows=14690'."""
    try:
        facts = json.loads(line)
        time, level = clock(moment(facts["timestamp"])), facts["level"]
        message = facts["message"]
    except (KeyError, TypeError, ValueError):
        return line.rstrip("\n")
    rest = [f"{name}={value}" for name, value in facts.items() if name not in LEFT_OUT]
    told = f"{time} {level:<8} {message}  {' '.join(rest)}".rstrip()
    fault = facts.get("exception")
    return f"{told}\n{fault}" if fault else told
