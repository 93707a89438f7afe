"""The moment of the first start, kept in a file so that the plan survives restarts."""

from datetime import datetime
from pathlib import Path


def first_start(file: Path, now: datetime) -> datetime:
    """What the file says; `now` when it is not there yet, which then goes into it.

    Raises ValueError for a file that holds no time.
    """
    if file.exists():
        return datetime.fromisoformat(file.read_text())
    new = file.with_suffix(".new")
    new.write_text(now.isoformat())
    new.replace(file)  # at once: a kill in between leaves no half of it
    return now
