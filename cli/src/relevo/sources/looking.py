"""One look at every source: what each tells now, and which could not be asked."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence

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
from relevo_storage import CatalogSettings, open_catalog

HTTP_SECONDS = 3.0
LOOK_SECONDS = 20.0


Looks = Mapping[str, Awaitable[list[Fact]]]


async def look(where: Whereabouts) -> tuple[Story, dict[str, str]]:
    """The story as it stands, and why some of it is not known (source -> reason)."""
    story = Story(datasets=where.datasets)
    async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
        unknown = await _take(_looks(client, where), story)
    others = [name for name in story.datasets if name not in where.datasets]
    if where.catalog_url and others:  # the events told of more than was asked for
        unknown |= await _take({"verdicts": _verdicts(where.catalog_url, others)}, story)
    return story, unknown


def _looks(client: httpx.AsyncClient, where: Whereabouts) -> Looks:
    """What can be asked, by the name under which it would be unknown."""
    looks: dict[str, Awaitable[list[Fact]]] = {}
    if where.kafka:
        looks["events"] = _events(where.kafka)
    if where.catalog_url:
        looks["verdicts"] = _verdicts(where.catalog_url, where.datasets)
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
    except (CommandError, OutageError, httpx.HTTPError, OSError, ValueError) as error:
        return first_line(error)


async def _events(kafka: str) -> list[Fact]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        return [to_fact(record) for record in await reader.history()]


async def _verdicts(url: str, datasets: Sequence[str]) -> list[Fact]:
    async with open_catalog(CatalogSettings(catalog_url=url)) as catalog:
        return [*await read_results(catalog, datasets)]


async def _source(client: httpx.AsyncClient, url: str, dataset: str) -> list[Fact]:
    return [*await read_source(client, url, dataset)]


async def _lag(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_lags(client, url)]


async def _progress(client: httpx.AsyncClient, url: str) -> list[Fact]:
    return [await read_progress(client, url)]
