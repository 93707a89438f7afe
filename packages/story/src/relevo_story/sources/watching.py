"""Hears from all sources at once, for as long as somebody listens; no source ends it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import httpx

from relevo_contracts import OutageError
from relevo_story.sources.catalog import OpenResults
from relevo_story.sources.listing import VERDICTS, Read, Source, sources_at
from relevo_story.sources.trouble import Trouble
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Fact, Happened, Said, Tone

AGAIN_SECONDS = 2.0
HTTP_SECONDS = 3.0

Take = Callable[[Fact], None]


class Watching:
    """Feeds `take` with facts from all sources whose address is known.

    Facts come more than once and in any order: the story is made for that.
    """

    def __init__(self, where: Whereabouts, take: Take, open_results: OpenResults) -> None:
        self._open_results = open_results
        self._where = where
        self._take = take
        self._open: dict[str, Read] = {}
        self._heard = set(where.datasets)

    async def run(self) -> None:
        """Until cancelled."""
        async with (
            httpx.AsyncClient(timeout=HTTP_SECONDS) as client,
            httpx.AsyncClient(timeout=HTTP_SECONDS, headers=self._where.headers) as ours,
            asyncio.TaskGroup() as tasks,
        ):
            sources = sources_at(self._where, self._open_results, client, ours, self._heard)
            for each in sources:
                tasks.create_task(self._persist(each))

    async def _persist(self, source: Source) -> None:
        """Watch again and again, whatever the source does."""
        trouble = Trouble(source.where, self._say, time.monotonic)
        while True:
            try:
                await self._watch(source, trouble)
            except Exception as error:
                trouble.fails(error)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _watch(self, source: Source, trouble: Trouble) -> None:
        try:
            async with source.open() as read:
                self._open[source.what] = read
                while True:
                    await self._take_all(await read())
                    trouble.is_over()
                    await asyncio.sleep(source.every)
        finally:
            self._open.pop(source.what, None)

    async def _take_all(self, facts: Sequence[Fact]) -> None:
        events = [fact.event for fact in facts if isinstance(fact, Happened)]
        named = {getattr(event, "dataset", None) for event in events}
        self._heard |= {name for name in named if name}
        if events and (read_results := self._open.get(VERDICTS)):
            # The catalog knows how long the work took, and it is written before the event.
            with suppress(OutageError):  # its own watch tells of it
                facts = [*await read_results(), *facts]
        for fact in facts:
            self._take(fact)

    def _say(self, text: str, tone: Tone) -> None:
        self._take(Said(datetime.now(UTC), "view", text, tone))
