"""All sources in one list: what each is called, how it is read, and how often."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from relevo_contracts import Topic
from relevo_story.sources.catalog import OpenResults, read_results
from relevo_story.sources.data_api import read_source
from relevo_story.sources.doors import read_door
from relevo_story.sources.holds import read_holds
from relevo_story.sources.lag import read_lags
from relevo_story.sources.mending import read_mended
from relevo_story.sources.records import to_fact
from relevo_story.sources.topics import open_reader
from relevo_story.sources.training import read_progress
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling.facts import Fact

EVENTS, VERDICTS = "events", "verdicts"

Read = Callable[[], Awaitable[Sequence[Fact]]]
"""What stands there, at the first call; then what is new, or all of it again."""


@dataclass(frozen=True)
class Source:
    """One source. `what`: that it tells; `where`: who is asked for it, in words.

    Opening and reading it may raise whatever its client does. `every`: seconds from one
    reading to the next, of those who go on.
    """

    what: str
    where: str
    every: float
    open: Callable[[], AbstractAsyncContextManager[Read]]


def sources_at(
    where: Whereabouts,
    open_results: OpenResults,
    client: httpx.AsyncClient,
    ours: httpx.AsyncClient,
    heard: AbstractSet[str],
) -> list[Source]:
    """Those whose address is known; `heard`: whose verdicts are asked for, each time.

    ours: asks services of ours, with the key for them; `client` all others.
    """
    found: list[Source] = []
    if where.kafka:
        found.append(Source(EVENTS, "Kafka's topics", 0.0, partial(_topics, where.kafka)))
    if where.catalog_url:
        open_catalog = partial(_results, open_results, where.catalog_url, heard)
        found.append(Source(VERDICTS, "the catalog", 1.0, open_catalog))
    if where.data_api:
        for name in where.datasets:  # each by itself: one that is away hides no other
            what = f"source of {name}" if len(where.datasets) > 1 else "source"
            read = partial(read_source, client, where.data_api, name)
            found.append(Source(what, f"the data source of {name}", 2.0, _always(read)))
    if where.lag_watcher:
        read_lag = _one(partial(read_lags, ours, where.lag_watcher))
        found.append(Source("lag", "the lag-watcher", 2.0, read_lag))
    if where.trainer:
        progress = _one(partial(read_progress, ours, where.trainer))
        found.append(Source("progress", "the trainer's progress", 0.5, progress))
    if where.mlflow:
        read_mlflow = partial(_mlflow, client, where.mlflow)
        found.append(Source("MLflow", "MLflow", 2.0, _always(read_mlflow)))
    if where.menders:
        urls = (*where.menders, *where.inference)
        mended = _always(partial(read_mended, ours, urls))
        found.append(Source("mended", "what was mended", 10.0, mended))
    for url in where.inference:
        door = _one(partial(read_door, ours, "pod", url))
        found.append(Source(f"pod {url}", f"the pod at {url}", 2.0, door))
    return found


async def _mlflow(client: httpx.AsyncClient, url: str) -> Sequence[Fact]:
    door = await read_door(client, "MLflow", url)
    return [door, await read_holds(client, url)] if door.answers else [door]


def _one(
    read: Callable[[], Awaitable[Fact]],
) -> Callable[[], AbstractAsyncContextManager[Read]]:
    async def listed() -> Sequence[Fact]:
        return [await read()]

    return _always(listed)


def _always(read: Read) -> Callable[[], AbstractAsyncContextManager[Read]]:
    """For what is asked anew each time, and holds nothing open."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Read]:
        yield read

    return opened


@asynccontextmanager
async def _topics(kafka: str) -> AsyncIterator[Read]:
    async with open_reader(kafka, [topic.value for topic in Topic]) as reader:
        readings = iter([reader.history])

        async def read() -> Sequence[Fact]:
            records = await next(readings, reader.more)()
            return [to_fact(record) for record in records]

        yield read


@asynccontextmanager
async def _results(
    open_results: OpenResults, url: str, heard: AbstractSet[str]
) -> AsyncIterator[Read]:
    async with open_results(url) as catalog:

        async def read() -> Sequence[Fact]:
            results = await read_results(catalog, sorted(heard))
            return [*results, *await catalog.actions()]

        yield read
