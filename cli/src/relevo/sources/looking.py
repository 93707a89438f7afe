"""One look at every source: what each tells now, and which could not be asked."""

import asyncio
from collections.abc import Awaitable

import httpx

from relevo.addresses import Whereabouts
from relevo.errors import CommandError, first_line
from relevo.sources.catalog import read_results
from relevo.sources.data_api import read_source
from relevo.sources.lag import read_lags
from relevo.sources.records import to_fact
from relevo.sources.topics import open_reader
from relevo.sources.training import read_progress
from relevo.story.facts import Fact
from relevo.story.story import Story
from relevo_contracts import OutageError, Topic
from relevo_storage import open_catalog

HTTP_SECONDS = 3.0
LOOK_SECONDS = 20.0


async def look(where: Whereabouts) -> tuple[Story, dict[str, str]]:
    """The story as it stands, and why some of it is not known (source -> reason)."""
    async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
        looks: dict[str, Awaitable[list[Fact]]] = {}
        if where.kafka:
            looks["events"] = _events(where.kafka)
        if where.catalog_url:
            looks["verdicts"] = _verdicts(where.catalog_url, where.dataset)
        if where.data_api:
            looks["source"] = _source(client, where.data_api, where.dataset)
        if where.lag_watcher:
            looks["lag"] = _lag(client, where.lag_watcher)
        if where.trainer:
            looks["progress"] = _progress(client, where.trainer)
        answers = await asyncio.gather(*map(_patiently, looks.values()))
    story, unknown = Story(), {}
    for what, answer in zip(looks, answers, strict=True):
        if isinstance(answer, str):
            unknown[what] = answer
            continue
        for fact in answer:
            story.add(fact)
    return story, unknown


async def _patiently(looking: Awaitable[list[Fact]]) -> list[Fact] | str:
    """What a look found, or why it found nothing."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await looking
    except (CommandError, OutageError, httpx.HTTPError, OSError, ValueError) as error:
        return first_line(error)


async def _events(kafka: str) -> list[Fact]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        return [to_fact(record) for record in await reader.history()]


async def _verdicts(url: str, dataset: str) -> list[Fact]:
    async with open_catalog(url) as catalog:
        return [*await read_results(catalog, [dataset])]


async def _source(client: httpx.AsyncClient, url: str, dataset: str) -> list[Fact]:
    return [*await read_source(client, url, dataset)]


async def _lag(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_lags(client, url)]


async def _progress(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_progress(client, url)]
