"""One look at every source: what each tells now, and which could not be asked."""

import asyncio
from collections.abc import Sequence

import httpx

from relevo_contracts import OutageError
from relevo_contracts.errors import first_line
from relevo_story.sources.catalog import OpenResults
from relevo_story.sources.listing import VERDICTS, Source, sources_at
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Fact
from relevo_story.telling.story import Story

HTTP_SECONDS = 3.0
LOOK_SECONDS = 20.0


async def look(
    where: Whereabouts, open_results: OpenResults
) -> tuple[Story, dict[str, str]]:
    """The story as it stands, and why some of it is not known (source -> reason)."""
    story, heard = Story(datasets=where.datasets), set(where.datasets)
    async with (
        httpx.AsyncClient(timeout=HTTP_SECONDS) as client,
        httpx.AsyncClient(timeout=HTTP_SECONDS, headers=where.headers) as ours,
    ):
        sources = sources_at(where, open_results, client, ours, heard)
        unknown = await _take(sources, story)
        if set(story.datasets) - heard:  # the events told of more than was asked for
            heard |= set(story.datasets)
            unknown |= await _take([s for s in sources if s.what == VERDICTS], story)
    return story, unknown


async def _take(sources: Sequence[Source], story: Story) -> dict[str, str]:
    """Add what is found to the story; why the rest is not known."""
    unknown = {}
    answers = await asyncio.gather(*map(_patiently, sources))
    for source, answer in zip(sources, answers, strict=True):
        if isinstance(answer, str):
            unknown[source.what] = answer
            continue
        for fact in answer:
            story.add(fact)
    return unknown


async def _patiently(source: Source) -> Sequence[Fact] | str:
    """What a look found, or why it found nothing."""
    try:
        async with asyncio.timeout(LOOK_SECONDS), source.open() as read:
            return await read()
    except (OutageError, httpx.HTTPError, OSError, ValueError) as error:
        return first_line(error)
