"""An API that answers a group of readers with a random part of the batch of the moment.

`GET /data?group_number=3` is `{"group_number", "batch_number", "data": [[…], …]}`, without
names: they are the declaration's columns in their order. 400: all was handed out.
"""

import re

from ingestor.sources.door import NothingMoreError
from ingestor.sources.port import Due, Parcel
from ingestor.sources.rows_api import RowsApi
from ingestor.sources.taken import Taken

EVERY_SECONDS = 300.0


class GroupSource:
    """Source of one dataset. Each random part is a batch of its own: parts overlap."""

    def __init__(self, api: RowsApi) -> None:
        self._api = api

    async def next(self, taken: Taken) -> Parcel | Due:
        if (left := self._api.left) > 0:
            return Due(left)
        try:
            written = await self._api.ask("group", f"group API of {self._api.dataset.name}")
        except NothingMoreError as error:
            return self._api.due(f"all was handed out: {error}")
        # by its own number and its rows: the number begins anew with each generation
        number = re.sub(r"[^\w.-]", "_", str(written.facts.get("batch_number", "")))[:40]
        return self._api.parcel(written, f"{number}/{written.sha256}", taken)
