"""One look at every source: what each tells now, and which could not be asked."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

import httpx

from relevo_contracts import OutageError, Topic
from relevo_contracts.errors import first_line
from relevo_story.sources.catalog import OpenResults, read_results
from relevo_story.sources.data_api import read_source
from relevo_story.sources.lag import read_lags
from relevo_story.sources.records import to_fact
from relevo_story.sources.topics import open_reader
from relevo_story.sources.training import read_progress
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Fact
from relevo_story.telling.story import Story

HTTP_SECONDS = 3.0
LOOK_SECONDS = 20.0


Looks = Mapping[str, Awaitable[list[Fact]]]


async def look(
    where: Whereabouts, open_results: OpenResults
) -> tuple[Story, dict[str, str]]:
    """The story as it stands, and why some of it is not known (source -> reason)."""
    story = Story(datasets=where.datasets)
    async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
        unknown = await _take(_looks(client, where, open_results), story)
    others = [name for name in story.datasets if name not in where.datasets]
    if where.catalog_url and others:  # the events told of more than was asked for
        verdicts = _verdicts(open_results, where.catalog_url, others)
        unknown |= await _take({"verdicts": verdicts}, story)
    return story, unknown


def _looks(
    client: httpx.AsyncClient, where: Whereabouts, open_results: OpenResults
) -> Looks:
    """What can be asked, by the name under which it would be unknown."""
    looks: dict[str, Awaitable[list[Fact]]] = {}
    if where.kafka:
        looks["events"] = _events(where.kafka)
    if where.catalog_url:
        looks["verdicts"] = _verdicts(open_results, where.catalog_url, where.datasets)
    if where.data_api:
        for name in where.datasets:
            source = f"source of {name}" if len(where.datasets) > 1 else "source"
            looks[source] = _source(client, where.data_api, name)
    if where.lag_watcher:
        looks["lag"] = _lag(client, where.lag_watcher)
    if where.trainer:
        looks["progress"] = _progress(client, where.trainer)
    return looks


async def _take(looks: Looks, story: Story) -> dict[str, str]:
    """Add what is found to the story; why the rest is not known."""
    answers = await asyncio.gather(*map(_patiently, looks.values()))
    unknown = {}
    for what, answer in zip(looks, answers, strict=True):
        if isinstance(answer, str):
            unknown[what] = answer
            continue
        for fact in answer:
            story.add(fact)
    return unknown


async def _patiently(looking: Awaitable[list[Fact]]) -> list[Fact] | str:
    """What a look found, or why it found nothing."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await looking
    except (OutageError, httpx.HTTPError, OSError, ValueError) as error:
        return first_line(error)


async def _events(kafka: str) -> list[Fact]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        return [to_fact(record) for record in await reader.history()]


async def _verdicts(
    open_results: OpenResults, url: str, datasets: Sequence[str]
) -> list[Fact]:
    async with open_results(url) as catalog:
        return [*await read_results(catalog, datasets)]


async def _source(client: httpx.AsyncClient, url: str, dataset: str) -> list[Fact]:
    return [*await read_source(client, url, dataset)]


async def _lag(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_lags(client, url)]


async def _progress(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_progress(client, url)]
