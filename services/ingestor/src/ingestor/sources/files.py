"""Files that appear in a place, in any order, also late, also replaced: each is a batch."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

import structlog

from ingestor.reading.forms import Form
from ingestor.sources.changes import Changes
from ingestor.sources.port import Due, Parcel
from ingestor.sources.taken import Taken

EVERY_SECONDS = 5.0
SETTLED_SECONDS = 2.0
"""A file is whole when it has been the same for so long, by our clock."""

FORMS: Mapping[str, Form] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "lines",
    ".ndjson": "lines",
}
HALF_WRITTEN = (".", "~", "_")
"""How names begin that programs give to what is not whole yet."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Entry:
    """A file as it is listed. stamp: another one when its content may be another."""

    name: str
    stamp: str
    size: int
    modified: datetime


class Place(Protocol):
    """Where files are; OutageError while it cannot be looked at."""

    is_whole_at_once: bool
    """Whether nobody ever sees a file that is half written."""

    async def entries(self) -> list[Entry]:
        """All that is there."""

    async def read(self, entry: Entry) -> bytes:
        """The content; raises FileNotFoundError when it is not that one any more."""

    def address(self, entry: Entry) -> str:
        """For people."""


class FilesSource:
    """Source of one dataset: the files of a place in the order of their names."""

    def __init__(
        self,
        place: Place,
        dataset: str,
        *,
        max_bytes: int,
        every: float = EVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._max_bytes = max_bytes
        self._every = every
        self._changes = Changes(dataset)
        self._sha256: dict[tuple[str, str], str] = {}
        self._clock = clock
        self._settled = 0.0 if place.is_whole_at_once else min(every, SETTLED_SECONDS)
        self._since: dict[tuple[str, str], float] = {}

    async def next(self, taken: Taken) -> Parcel | Due:
        entries = [each for each in await self._place.entries() if _is_batch(each.name)]
        whole = self._whole(entries)
        due = Due(self._every)
        for entry in sorted(whole, key=lambda each: each.name):
            try:
                if parcel := await self._parcel(entry, taken):
                    return parcel
            except FileNotFoundError as error:
                log.info("a file is left for now", reason=str(error))
                due = Due(self._every, entry.modified, str(error))
        has = {each.name: self._sha256.get((each.name, each.stamp)) for each in whole}
        self._changes.note(taken, {name: sha for name, sha in has.items() if sha})
        return due

    def _whole(self, entries: list[Entry]) -> list[Entry]:
        """Those that nobody has written to for a while."""
        now, before = self._clock(), self._since
        keys = [(each.name, each.stamp) for each in entries]
        self._since = {key: before.get(key, now) for key in keys}
        waited = [now - self._since[key] for key in keys]
        pairs = zip(entries, waited, strict=True)
        return [each for each, seconds in pairs if seconds >= self._settled]

    async def _parcel(self, entry: Entry, taken: Taken) -> Parcel | None:
        """The file as a parcel, if it is to be taken."""
        result = taken.result(entry.name)
        is_known = result and result.statistics.get("source_position") == entry.stamp
        if result and is_known and not result.again:
            return None
        known = self._sha256.get((entry.name, entry.stamp))
        if known and not taken.is_new(entry.name, known):
            return None
        content, fault = b"", None
        if entry.size > self._max_bytes:
            fault = f"{entry.size:,} bytes, at most {self._max_bytes:,}"
            sha256 = hashlib.sha256(f"{entry.name} {entry.stamp}".encode()).hexdigest()
        else:
            content = await self._place.read(entry)
            sha256 = hashlib.sha256(content).hexdigest()
        self._sha256[entry.name, entry.stamp] = sha256
        if not taken.is_new(entry.name, sha256):
            return None
        return Parcel(
            identity=entry.name,
            sha256=sha256,
            content=content,
            form=FORMS[PurePosixPath(entry.name).suffix.lower()],
            origin=self._place.address(entry),
            released_at=entry.modified,
            position=entry.stamp,
            fault=fault,
        )


def _is_batch(name: str) -> bool:
    path = PurePosixPath(name)
    is_hidden = any(part.startswith(HALF_WRITTEN) for part in path.parts)
    return path.suffix.lower() in FORMS and not is_hidden and name.isprintable()
