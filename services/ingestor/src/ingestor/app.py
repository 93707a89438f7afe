"""Where the ingestor is put together."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette

from ingestor.announcing import announcing_again
from ingestor.batches import Limits
from ingestor.ec2_instance import Ec2Instance, show_state
from ingestor.http_source import open_source
from ingestor.metrics import SOURCE_EXPECTED_UP, begin_at_zero
from ingestor.settings import SERVICE, Settings
from ingestor.source_clock import source_clock
from ingestor.taking import Taker
from ingestor.watching import WatchedSource, utc_now
from relevo_contracts import Topic
from relevo_datasets import dataset_named
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.topics import reconciled
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it takes batches of each dataset for as long as it lives.

    Raises KeyError for a dataset that nobody knows.
    """
    datasets = [dataset_named(name) for name in settings.datasets]
    clock = source_clock(settings.ingestor_source_schedule)
    limits = Limits(bytes=settings.ingestor_max_bytes, rows=settings.ingestor_max_rows)
    for dataset in datasets:
        begin_at_zero(dataset.name)
        expected = SOURCE_EXPECTED_UP.labels(dataset.name)
        expected.set_function(lambda: clock.asleep_until(utc_now()) is None)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with (
            open_store(settings) as store,
            open_catalog(settings) as catalog,
            open_publisher(settings, service=SERVICE) as publisher,
            reconciled(
                settings,
                *announcing_again(settings, settings.datasets, catalog, publisher),
                topics=[Topic.BATCH_RAW, Topic.BATCH_RAW_DEAD, Topic.SOURCE_SEEN],
                every=settings.reconcile_interval_seconds,
            ),
            AsyncExitStack() as sources,
            # a group: when taking fails, the service ends and is started again
            asyncio.TaskGroup() as tasks,
        ):
            works: list[Coroutine[None, None, None]] = []
            for dataset in datasets:
                opened = open_source(
                    settings.data_api_url, dataset.name, is_alone=len(datasets) == 1
                )
                reached = await sources.enter_async_context(opened)
                source = WatchedSource(reached, publisher, clock, name=dataset.name)
                taker = Taker(
                    source, store, catalog, publisher, dataset=dataset, limits=limits
                )
                works += [source.tell(), taker.take_for_ever(asyncio.sleep)]
            if settings.ingestor_source_instance:
                works.append(show_state(machine_of(settings)))
            started = [tasks.create_task(each) for each in works]
            yield
            for task in started:
                task.cancel()

    return build_app(SERVICE, running)


def machine_of(settings: Settings) -> Ec2Instance:
    """The source's machine at AWS, where the settings name one."""
    return Ec2Instance(
        settings.ingestor_source_instance, region=settings.ingestor_source_region
    )
