"""An API whose every call moves a cursor of its own: `GET /get_data` is a list of records.

It wraps at its end, and a list that came before is known by its content.
"""

from ingestor.sources.door import NothingMoreError
from ingestor.sources.port import Due, Parcel
from ingestor.sources.rows_api import RowsApi
from ingestor.sources.taken import Taken

EVERY_SECONDS = 60.0
KIND = "cursor API of records"


class CursorSource:
    """Source of one dataset; a record is a JSON object, its keys are the columns."""

    def __init__(self, api: RowsApi) -> None:
        self._api = api

    async def next(self, taken: Taken) -> Parcel | Due:
        if (left := self._api.left) > 0:
            return Due(left)
        try:
            written = await self._api.ask("records", KIND)
        except NothingMoreError as error:
            raise self._api.is_no(KIND, f"400, {error}") from error
        return self._api.parcel(written, written.sha256, taken)
