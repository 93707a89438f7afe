"""Where the console is put together."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import httpx
from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from console.access import KEY_COOKIE, KEY_PAGE, needed
from console.asking.pods import Pods
from console.doing.hands import hands_at
from console.live.alerts import HTTP_SECONDS, keep_alerts, read_alerts
from console.live.hub import Board
from console.live.processes import keep_processes
from console.live.telling import LiveStory
from console.pages import (
    acting,
    batch,
    batches,
    data,
    dead_letters,
    events,
    history,
    key,
    many_rows,
    models,
    now,
    predict,
    version,
)
from console.pages.guards import Guard
from console.pages.shell import STATIC, Frame, Links, Shell
from console.querying.desk import Desk
from console.querying.questions import Opening
from console.reading.drifts import Drifts
from console.reading.readers import Readers
from console.reading.registry import Registered, read_version
from console.settings import SERVICE, Settings
from relevo_runtime.http.access import Access
from relevo_runtime.http.life import lifespan
from relevo_runtime.http.operation import operation_routes
from relevo_runtime.http.readiness import STOPPING, Readiness
from relevo_runtime.http.version import code_version
from relevo_storage import ObjectStore, open_catalog
from relevo_story.sources.watching import Watching
from relevo_story.sources.whereabouts import Whereabouts

SECOND = 1.0


def build(settings: Settings) -> FastAPI:
    """The service: it hears all sources for as long as it lives, and shows the pages."""
    readiness = Readiness()
    live, board, shell = LiveStory(settings.datasets), Board("now"), shell_of(settings)
    client = httpx.AsyncClient(headers=whereabouts(settings).headers)
    desk = Desk(opening(settings))

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        watching = Watching(
            whereabouts(settings), live.take, lambda _: open_catalog(settings)
        )
        async with client, desk, asyncio.TaskGroup() as tasks:
            works = [
                tasks.create_task(watching.run()),
                tasks.create_task(now.keep_drawn(shell, live, board)),
                tasks.create_task(pass_time(live)),
            ]
            if file := settings.console_processes_file:
                looking = keep_processes(file, live.show_processes)
                works.append(tasks.create_task(looking))
            if url := settings.console_prometheus_url:
                works.append(tasks.create_task(hear_alerts(url, live)))
            yield
            for work in works:
                work.cancel()

    def is_over() -> bool:
        return readiness.reason == STOPPING

    app = FastAPI(
        title="relevo console",
        version=code_version(SERVICE),
        lifespan=lifespan(running, readiness),
        openapi_url=None,
        routes=[*operation_routes(readiness, service=SERVICE)],
    )
    kafka = settings.kafka_bootstrap_servers
    app.include_router(now.routes(shell, live, board, is_over))
    app.include_router(events.routes(shell, live, kafka, is_over))
    for router in asked_pages(settings, shell, live, client, desk):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_middleware(Frame, base=settings.console_prefix)
    return app


def access(settings: Settings) -> Access:
    """Which keys open what; requests come with the prefix, or a proxy took it off."""
    prefix = settings.console_prefix
    return Access(
        lambda method, path: needed(method, path.removeprefix(prefix)),
        cookie=KEY_COOKIE,
        sign_in=prefix + KEY_PAGE,
    )


def asked_pages(
    settings: Settings,
    shell: Shell,
    live: LiveStory,
    client: httpx.AsyncClient,
    desk: Desk,
) -> Iterator[APIRouter]:
    """The pages that stand still until they are asked."""
    readers = readers_of(settings)
    for page in (batches, batch, models, version):
        yield page.routes(shell, live, readers)
    guard = Guard(settings.console_prefix)
    if settings.api_keys_file:
        yield key.routes(shell, guard, settings.console_prefix)
    pods = Pods(client, settings.console_inference_urls)
    yield predict.routes(shell, pods, guard)
    yield many_rows.routes(pods, guard)
    yield data.routes(shell, desk, guard, settings.datasets)
    hands = hands_at(
        settings.kafka_bootstrap_servers,
        settings.mlflow_tracking_uri,
        lambda: open_catalog(settings),
    )
    yield dead_letters.routes(shell, hands)
    yield history.routes(shell, hands)
    yield acting.routes(shell, hands, guard)


def shell_of(settings: Settings) -> Shell:
    """What all pages have in common."""
    links = Links(
        settings.console_mlflow_link,
        settings.console_grafana_link,
        settings.console_traces_link,
        has_keys=settings.api_keys_file is not None,
    )
    return Shell(settings.console_prefix, links)


async def hear_alerts(prometheus: str, live: LiveStory) -> None:
    """What fires is shown for as long as the service lives."""
    async with httpx.AsyncClient(timeout=HTTP_SECONDS) as client:
        read = partial(read_alerts, client, prometheus)
        await keep_alerts(read, live.show_alerts, live.take)


async def pass_time(live: LiveStory) -> None:
    """What waits to be told together is told after a while."""
    while True:
        await asyncio.sleep(SECOND)
        live.pass_time()


def readers_of(settings: Settings) -> Readers:
    """What pages read when they are asked."""

    async def read(model: str, number: str) -> Registered | None:
        return await read_version(settings.mlflow_tracking_uri, model, number)

    def store() -> AbstractAsyncContextManager[ObjectStore]:
        from relevo_storage import open_store  # its client when an object is read, if ever

        return open_store(settings)

    return Readers(store, lambda: open_catalog(settings), Drifts(store), read)


def opening(settings: Settings) -> Opening:
    """Where a query program finds the data."""
    return Opening(
        catalog_url=settings.catalog_url.get_secret_value(),
        endpoint_url=settings.s3_endpoint_url,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        bucket=settings.s3_bucket,
        datasets=settings.datasets,
    )


def whereabouts(settings: Settings) -> Whereabouts:
    """Whom the story is heard from."""
    own = settings.relevo_api_key
    return Whereabouts(
        kafka=settings.kafka_bootstrap_servers,
        catalog_url=settings.catalog_url.get_secret_value(),
        data_api=settings.data_api_url,
        lag_watcher=settings.console_lag_watcher_url,
        trainer=settings.console_trainer_url,
        mlflow=settings.mlflow_tracking_uri,
        inference=settings.console_inference_urls,
        datasets=settings.datasets,
        key=own.get_secret_value() if own else None,
    )
