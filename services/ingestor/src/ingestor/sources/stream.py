"""A Kafka topic of rows, a JSON object per record, cut into batches by count or by time."""

import hashlib
import heapq
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog
from pydantic import JsonValue

from ingestor.metrics import LEFT_OUT
from ingestor.reading.forms import parse, shown
from ingestor.sources.port import LONGEST_WAIT_SECONDS, Due, Parcel
from ingestor.sources.taken import Taken
from relevo_contracts import PoisonError
from relevo_datasets import Dataset

EVERY_SECONDS = 300.0
LOOK_AGAIN_SECONDS = 10.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StreamRecord:
    """One record: where it lies, when it was written, and its value."""

    partition: int
    offset: int
    written_at: datetime
    value: bytes | None


class Stream(Protocol):
    """The records of a topic by partition; OutageError while it cannot be read."""

    address: str

    async def bounds(self) -> Mapping[int, tuple[int, int]]:
        """Per partition the first offset that is kept, and the one after the last."""

    async def records(
        self, begin: Mapping[int, int], end: Mapping[int, int], *, most: int, max_bytes: int
    ) -> Mapping[int, list[StreamRecord]]:
        """Per partition the records from there to there: at most so many, so large."""


@dataclass(frozen=True)
class Position:
    """The next offset of each partition. made: how often the topic was made anew."""

    offsets: Mapping[int, int]
    made: int = 0

    @classmethod
    def of(cls, kept: JsonValue) -> "Position":
        """As a batch has kept it; at the beginning before the first."""
        if not isinstance(kept, dict) or not isinstance(kept.get("offsets"), dict):
            return cls({})
        offsets = {int(number): int(at) for number, at in kept["offsets"].items()}  # type: ignore[union-attr, arg-type]
        return cls(offsets, int(str(kept.get("made", 0))))

    @property
    def kept(self) -> JsonValue:
        """As a batch keeps it."""
        offsets: dict[str, JsonValue] = {str(n): at for n, at in self.offsets.items()}
        return {"offsets": offsets, "made": self.made}


class StreamSource:
    """Source of one dataset. `batch_rows` records are a batch, or fewer after `every`."""

    def __init__(
        self, stream: Stream, dataset: Dataset, *, max_bytes: int, every: float
    ) -> None:
        self._stream = stream
        self._dataset = dataset
        self._most = dataset.source.batch_rows
        self._max_bytes = max_bytes
        self._every = every
        self._left_out = LEFT_OUT.labels(dataset.name)

    async def next(self, taken: Taken) -> Parcel | Due:
        bounds = await self._stream.bounds()
        position = self._checked(Position.of(taken.position), bounds)
        begin = {
            n: max(position.offsets.get(n, 0), first) for n, (first, _) in bounds.items()
        }
        end = {n: last for n, (_, last) in bounds.items()}
        if all(begin[n] >= end[n] for n in bounds):
            return Due(min(LOOK_AGAIN_SECONDS, self._every))
        found = await self._stream.records(
            begin, end, most=self._most, max_bytes=self._max_bytes
        )
        records, is_full = self._cut(found)
        if not records:
            return Due(LOOK_AGAIN_SECONDS)
        oldest = min(record.written_at for record in records)
        age = (datetime.now(UTC) - oldest).total_seconds()
        if not is_full and age < self._every:
            left = min(self._every - age, LONGEST_WAIT_SECONDS)
            return Due(min(left, LOOK_AGAIN_SECONDS), why=f"{len(records)} rows wait")
        return self._parcel(records, begin, position)

    def _checked(
        self, position: Position, bounds: Mapping[int, tuple[int, int]]
    ) -> Position:
        """The position; the beginning in a topic that ends before it."""
        if any(at > bounds[n][1] for n, at in position.offsets.items() if n in bounds):
            log.warning("the topic was made anew: it is read from its first record")
            return Position({}, position.made + 1)
        return position

    def _cut(
        self, found: Mapping[int, list[StreamRecord]]
    ) -> tuple[list[StreamRecord], bool]:
        """The first of all partitions, by time, and whether they fill a batch.

        Of a partition none is left out in between.
        """
        merged = heapq.merge(*found.values(), key=lambda record: record.written_at)
        records: list[StreamRecord] = []
        size = 0
        for record in merged:
            size += len(record.value or b"")
            if records and size > self._max_bytes:
                return records, True
            records.append(record)
            if len(records) == self._most:
                return records, True
        return records, False

    def _parcel(
        self, records: list[StreamRecord], begin: Mapping[int, int], position: Position
    ) -> Parcel:
        last = {record.partition: record.offset for record in records}
        ends = dict(position.offsets) | {n: at + 1 for n, at in last.items()}
        spans = (f"{n}:{begin[n]}-{at}" for n, at in sorted(last.items()))
        again = f"#{position.made} " if position.made else ""
        content = b"\n".join(filter(None, map(self._line, records)))
        return Parcel(
            identity=f"{again}{self._dataset.source.topic} {' '.join(spans)}",
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            form="lines",
            origin=self._stream.address,
            released_at=max(record.written_at for record in records),
            position=Position(ends, position.made).kept,
        )

    def _line(self, record: StreamRecord) -> bytes | None:
        """The record as a line of JSON; None, told and counted, for what is no row."""
        if record.value is None:
            return None  # a deletion
        try:
            row = parse(record.value)
            if isinstance(row, dict) and row.keys() == {"schema", "payload"}:
                row = row["payload"]  # as Kafka Connect writes it with schemas
            if not isinstance(row, dict):
                raise PoisonError(f"no object: {shown(record.value)}")
            if strange := row.keys() ^ set(self._dataset.raw_columns):
                raise PoisonError(f"other columns: {', '.join(sorted(strange)[:5])}")
        except PoisonError as error:
            place = {"partition": record.partition, "offset": record.offset}
            log.warning("a record is left out", reason=str(error), **place)
            self._left_out.inc()
            return None
        return json.dumps(row).encode()
