"""An API that answers a group of readers with a random part of the batch of the moment.

`GET /data?group_number=3` is `{"group_number", "batch_number", "data": [[…], …]}`, without
names: they are the declaration's columns in their order. 400: all was handed out.
"""

import re
from datetime import UTC, datetime

from ingestor.reading.reader import Reader
from ingestor.sources.door import Door, NothingMoreError
from ingestor.sources.pace import Pace
from ingestor.sources.port import Due, Parcel, StrangeAnswerError
from ingestor.sources.taken import Taken
from relevo_contracts import PoisonError
from relevo_datasets import Dataset

EVERY_SECONDS = 300.0
JSON = "application/json"


class GroupSource:
    """Source of one dataset. Each random part is a batch of its own: parts overlap."""

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
        strange = f"{self._door.root} is no group API of {self._dataset.name}"
        try:
            with self._door.timed():
                content = await self._door.get("", accept=JSON, max_bytes=self._max_bytes)
            written = await self._reader.write(content, "group", self._dataset)
        except NothingMoreError as error:
            self._pace.begin()
            return Due(self._pace.every, why=f"all was handed out: {error}")
        except (PoisonError, FileNotFoundError) as error:
            raise StrangeAnswerError(f"{strange}: {error}") from error
        self._pace.begin()
        if not written.rows:
            return Due(self._pace.every, why="the source has no rows now")
        # by its own number and its rows: the number begins anew with each generation
        number = re.sub(r"[^\w.-]", "_", str(written.facts.get("batch_number", "")))[:40]
        identity = f"{number}/{written.sha256}"
        if not taken.is_new(identity, written.sha256):
            return Due(self._pace.every, why="these rows came before")
        return Parcel(
            identity=identity,
            sha256=written.sha256,
            content=written.content,
            form="parquet",
            origin=self._door.root,
            released_at=datetime.now(UTC),
        )
