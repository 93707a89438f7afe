"""An API that is asked for rows now and then, as each call takes something out of it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from ingestor.reading.accepting import Written
from ingestor.reading.forms import Form
from ingestor.reading.reader import Reader
from ingestor.sources.door import Door
from ingestor.sources.port import Due, Parcel, StrangeAnswerError
from ingestor.sources.taken import Taken
from relevo_contracts import PoisonError
from relevo_datasets import Dataset

JSON = "application/json"


class RowsApi:
    """What is asked for one dataset; what the rows are called is its kind's to say.

    every: seconds from an answer to the next question; after a restart it is asked at once.
    """

    def __init__(
        self,
        door: Door,
        reader: Reader,
        dataset: Dataset,
        *,
        max_bytes: int,
        every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dataset = dataset
        self._door = door
        self._reader = reader
        self._max_bytes = max_bytes
        self._every = every
        self._clock = clock
        self._next = clock()

    @property
    def left(self) -> float:
        """Seconds until it may be asked."""
        return self._next - self._clock()

    async def ask(self, form: Form, kind: str) -> Written:
        """The rows of one call, which has that form.

        Raises what the door raises, NothingMoreError among it, and StrangeAnswerError,
        which names the kind, for what is not of that form.
        """
        try:
            with self._door.timed():
                content = await self._door.get("", accept=JSON, max_bytes=self._max_bytes)
            return await self._reader.write(content, form, self.dataset)
        except (PoisonError, FileNotFoundError) as error:
            raise self.is_no(kind, str(error)) from error

    def is_no(self, kind: str, reason: str) -> StrangeAnswerError:
        """What to raise of an answer that the kind does not give."""
        return StrangeAnswerError(f"{self._door.root} is no {kind}: {reason}")

    def parcel(self, written: Written, identity: str, taken: Taken) -> Parcel | Due:
        """The rows of an answer, if they are to be taken."""
        if not written.rows:
            return self.due("the source has no rows now")
        if not taken.is_new(identity, written.sha256):
            return self.due("these rows came before")
        self._rest()
        return Parcel(
            identity=identity,
            sha256=written.sha256,
            content=written.content,
            form="parquet",
            origin=self._door.root,
            released_at=datetime.now(UTC),
        )

    def due(self, why: str) -> Due:
        """It has answered, with nothing to be taken."""
        self._rest()
        return Due(self._every, why=why)

    def _rest(self) -> None:
        self._next = self._clock() + self._every
