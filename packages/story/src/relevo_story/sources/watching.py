"""Hears from all sources at once, for as long as somebody listens; no source ends it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import httpx

from relevo_contracts import OutageError, Topic
from relevo_story.sources.catalog import OpenResults, Results, read_results
from relevo_story.sources.data_api import read_source
from relevo_story.sources.lag import read_lags
from relevo_story.sources.records import Record, to_fact
from relevo_story.sources.topics import open_reader
from relevo_story.sources.training import read_progress
from relevo_story.sources.trouble import Trouble
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Fact, Happened, Said, Tone

CATALOG_SECONDS = 1.0
SOURCE_SECONDS = 2.0
TRAINING_SECONDS = 0.5
AGAIN_SECONDS = 2.0
HTTP_SECONDS = 3.0

Take = Callable[[Fact], None]
Works = Callable[[], None]
Watch = Callable[[str, Works], Awaitable[None]]


class Watching:
    """Feeds `take` with facts from Kafka, the catalog and the data source.

    Facts come more than once and in any order: the story is made for that.
    """

    def __init__(self, where: Whereabouts, take: Take, open_results: OpenResults) -> None:
        self._open_results = open_results
        self._where = where
        self._take = take
        self._catalog: Results | None = None
        self._datasets = set(where.datasets)

    async def run(self) -> None:
        """Until cancelled."""
        where = self._where
        watches: list[tuple[str, str | None, Watch]] = [
            ("Kafka's topics", where.kafka, self._watch_topics),
            ("the catalog", where.catalog_url, self._watch_catalog),
            ("the lag-watcher", where.lag_watcher, self._watch_lag),
            ("the trainer's progress", where.trainer, self._watch_training),
        ]
        for name in where.datasets:  # each by itself: one that is away hides no other
            what = f"the data source of {name}"
            watches.append((what, where.data_api, partial(self._watch_source, name)))
        async with asyncio.TaskGroup() as tasks:
            for what, address, watch in watches:
                if address:
                    trouble = Trouble(what, self._say, time.monotonic)
                    tasks.create_task(_persist(watch, address, trouble))

    def _say(self, text: str, tone: Tone) -> None:
        self._take(Said(datetime.now(UTC), "view", text, tone))

    async def _watch_topics(self, kafka: str, works: Works) -> None:
        topics = [topic.value for topic in Topic]
        async with open_reader(kafka, topics) as reader:
            records = await reader.history()
            while True:
                works()
                await self._take_records(records)
                records = await reader.more()

    async def _take_records(self, records: Sequence[Record]) -> None:
        facts = [to_fact(record) for record in records]
        events = [fact.event for fact in facts if isinstance(fact, Happened)]
        named = {getattr(event, "dataset", None) for event in events}
        self._datasets |= {name for name in named if name}
        if facts:
            # The catalog knows how long the work took, and it is written before the event.
            with suppress(OutageError):  # its own watch tells of it
                await self._take_results()
        for fact in facts:
            self._take(fact)

    async def _watch_catalog(self, url: str, works: Works) -> None:
        try:
            async with self._open_results(url) as self._catalog:
                while True:
                    await self._take_results()
                    works()
                    await asyncio.sleep(CATALOG_SECONDS)
        finally:
            self._catalog = None

    async def _take_results(self) -> None:
        if self._catalog is not None:
            for result in await read_results(self._catalog, sorted(self._datasets)):
                self._take(result)

    async def _watch_source(self, dataset: str, url: str, works: Works) -> None:
        async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
            while True:
                for fact in await read_source(client, url, dataset):
                    self._take(fact)
                works()
                await asyncio.sleep(SOURCE_SECONDS)

    async def _watch_lag(self, url: str, works: Works) -> None:
        async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
            while True:
                self._take(await read_lags(client, url))
                works()
                await asyncio.sleep(SOURCE_SECONDS)

    async def _watch_training(self, url: str, works: Works) -> None:
        async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
            while True:
                self._take(await read_progress(client, url))
                works()
                await asyncio.sleep(TRAINING_SECONDS)


async def _persist(watch: Watch, address: str, trouble: Trouble) -> None:
    """Watch again and again, whatever the source does."""
    while True:
        try:
            await watch(address, trouble.is_over)
        except Exception as error:
            trouble.fails(error)
        await asyncio.sleep(AGAIN_SECONDS)
