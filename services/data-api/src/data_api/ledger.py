"""Which content of a dataset has which number: given once, kept over restarts."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path


class Ledger:
    """Numbers by content, from 1, in a file.

    What joins after the first look is not released before it was there: it is late.
    Raises ValueError for a file that is no ledger.
    """

    def __init__(self, file: Path, now: datetime) -> None:
        self._file = file
        self._started = now
        self._late_of: dict[str, datetime | None] = {}
        if file.exists():
            self._read()

    @property
    def started(self) -> datetime:
        """When this dataset was first handed out."""
        return self._started

    @property
    def numbers(self) -> Mapping[str, int]:
        """The number of each content that was ever seen."""
        return {content: n for n, content in enumerate(self._late_of, start=1)}

    @property
    def late(self) -> Mapping[int, datetime]:
        """The numbers that joined later, and when."""
        times = enumerate(self._late_of.values(), start=1)
        return {number: time for number, time in times if time is not None}

    def admit(self, contents: Iterable[str], now: datetime) -> None:
        """Give the next numbers to what has none yet, in the given order."""
        new = [content for content in contents if content not in self._late_of]
        if not new:
            return
        self._late_of |= dict.fromkeys(new, now if self._late_of else None)
        self._write()

    def _read(self) -> None:
        try:
            kept = json.loads(self._file.read_text())
            self._started = datetime.fromisoformat(kept["started"])
            self._late_of = {
                line["content"]: line["late"] and datetime.fromisoformat(line["late"])
                for line in kept["batches"]
            }
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self._file} is no ledger of batches: {error!r}") from error

    def _write(self) -> None:
        batches = [
            {"content": content, "late": late and late.isoformat()}
            for content, late in self._late_of.items()
        ]
        kept = {"started": self._started.isoformat(), "batches": batches}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(kept, indent=1) + "\n")
        new.replace(self._file)  # at once: a kill in between leaves no half of it
