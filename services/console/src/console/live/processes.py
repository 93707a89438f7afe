"""Which processes on this machine do not work, as their supervisor writes it down."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

EVERY_SECONDS = 1.0
WELL = {"ready", "stopped"}
"""Of one that is stopped somebody knows, and at the end all of them are."""


class Process(BaseModel):
    """One of them; `state` since when."""

    name: str
    state: str
    since: AwareDatetime

    @property
    def text(self) -> str:
        """What is wrong with it."""
        return f"{self.name} is {'not answering' if self.state == 'silent' else self.state}"


LIST = TypeAdapter(list[Process])


def read_processes(file: Path) -> list[Process]:
    """Those that do not work; none when the file is not there, or not whole."""
    try:
        found = LIST.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return []
    return [process for process in found if process.state not in WELL]


async def keep_processes(file: Path, show: Callable[[Sequence[Process]], None]) -> None:
    """Show them for ever."""
    while True:
        show(read_processes(file))
        await asyncio.sleep(EVERY_SECONDS)
