"""A Reader without a process of its own, for tests that are not about that."""

import asyncio

from ingestor.reading.accepting import Limits, RawTable, Written, accept, write_rows
from ingestor.reading.forms import Form
from relevo_datasets import Dataset


class NearReader:
    """Reader in this process."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits

    async def accept(self, content: bytes, form: Form, dataset: Dataset) -> RawTable:
        return await asyncio.to_thread(accept, content, form, dataset, self.limits)

    async def write(self, content: bytes, form: Form, dataset: Dataset) -> Written:
        return write_rows(content, form, dataset.raw_columns)
