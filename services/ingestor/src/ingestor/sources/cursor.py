"""An API whose every call moves a cursor of its own: `GET /get_data` is a list of records.

It wraps at its end, and a list that came before is known by its content.
"""

from datetime import UTC, datetime

from ingestor.reading.reader import Reader
from ingestor.sources.door import Door, NothingMoreError
from ingestor.sources.pace import Pace
from ingestor.sources.port import Due, Parcel, StrangeAnswerError
from ingestor.sources.taken import Taken
from relevo_contracts import PoisonError
from relevo_datasets import Dataset

EVERY_SECONDS = 60.0
JSON = "application/json"


class CursorSource:
    """Source of one dataset; a record is a JSON object, its keys are the columns."""

    def __init__(
        self, door: Door, reader: Reader, dataset: Dataset, *, max_bytes: int, pace: Pace
    ) -> None:
        self._door = door
        self._reader = reader
        self._dataset = dataset
        self._max_bytes = max_bytes
        self._pace = pace

    async def next(self, taken: Taken) -> Parcel | Due:
        if (left := self._pace.left) > 0:
            return Due(left)
        strange = f"{self._door.root} is no cursor API of records"
        try:
            with self._door.timed():
                content = await self._door.get("", accept=JSON, max_bytes=self._max_bytes)
            written = await self._reader.write(content, "records", self._dataset)
        except NothingMoreError as error:
            raise StrangeAnswerError(f"{strange}: 400, {error}") from error
        except (PoisonError, FileNotFoundError) as error:
            raise StrangeAnswerError(f"{strange}: {error}") from error
        self._pace.begin()
        if not written.rows:
            return Due(self._pace.every, why="the source has no rows now")
        if not taken.is_new(written.sha256, written.sha256):
            return Due(self._pace.every, why="these rows came before")
        return Parcel(
            identity=written.sha256,
            sha256=written.sha256,
            content=written.content,
            form="parquet",
            origin=self._door.root,
            released_at=datetime.now(UTC),
        )
