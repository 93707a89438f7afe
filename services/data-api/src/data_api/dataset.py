"""One dataset as it is handed out: its batches by number, and their release."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from data_api.cutting import UNREADABLE, Piece, cut, read_text, whole
from data_api.ledger import Ledger
from data_api.plan import Plan
from data_api.sources import Source

log = logging.getLogger(__name__)

State = tuple[Path, int, int]
"""A file's name, size and time of change: while they stay, so does what it says."""


@dataclass(frozen=True)
class Batch:
    """One Parquet file; `rows` is None when the file is no table that can be read."""

    number: int
    path: Path
    sha256: str
    size: int
    rows: int | None


@dataclass(frozen=True)
class Stock:
    """What there is at one moment: the batches by number, and when each is released."""

    batches: Mapping[int, Batch]
    plan: Plan


class Dataset:
    """The batches of a source, looked at anew whenever somebody asks.

    A number belongs to a content: a new file never renumbers the others, and what has
    gone leaves a gap. What is wrong inside a file is the taker's to find out: the world
    hands out bad batches too.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        *,
        folder: Path,
        interval: timedelta,
        epoch: datetime | None = None,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._folder = folder
        self._interval = interval
        self._epoch = epoch or ledger.started
        self._lock = threading.Lock()
        self._pieces: dict[State, list[Piece]] = {}

    def stock(self, now: datetime) -> Stock:
        """The batches as they are now; only what has changed is read."""
        with self._lock:
            pieces = self._look()
            self._ledger.admit([piece.content for piece in pieces], now)
            numbers, late = self._ledger.numbers, self._ledger.late
        plan = Plan(self._epoch, self._interval, len(numbers), late)
        batches = {
            (number := numbers[piece.content]): Batch(
                number, piece.path, piece.sha256, piece.size, piece.rows
            )
            for piece in pieces
        }
        return Stock(batches, plan)

    def _look(self) -> list[Piece]:
        states = [state for file in self._source.files() if (state := _state(file))]
        if states != list(self._pieces):
            known = self._pieces
            self._pieces = {
                state: known[state] if state in known else self._read(state[0])
                for state in states
            }
            self._forget_other_cuts()
        return list(chain.from_iterable(self._pieces.values()))

    def _read(self, path: Path) -> list[Piece]:
        if not self._source.is_cut and path.suffix.lower() == ".parquet":
            return [whole(path)]
        try:
            table = read_text(path, has_header=self._source.has_header)
            rows = self._source.rows if self._source.is_cut else None
            return list(cut(table, self._folder, rows=rows))
        except UNREADABLE as error:
            log.warning("%s is handed out as it is: %s", path, error)
            return [whole(path)]

    def _forget_other_cuts(self) -> None:
        used = {piece.path for pieces in self._pieces.values() for piece in pieces}
        for path in self._folder.glob("*.parquet"):
            if path not in used:
                path.unlink()


def _state(path: Path) -> State | None:
    """None for a file that has just gone."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return path, seen.st_size, seen.st_mtime_ns
