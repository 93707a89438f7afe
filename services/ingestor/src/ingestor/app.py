"""Where the ingestor is put together."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette

from ingestor.announcing import announcing_again
from ingestor.ec2_instance import Ec2Instance, show_state
from ingestor.metrics import SOURCE_EXPECTED_UP, begin_at_zero
from ingestor.reading.accepting import Limits
from ingestor.reading.reader import open_reader
from ingestor.settings import SERVICE, Settings
from ingestor.source_clock import source_clock
from ingestor.sources.opening import open_source
from ingestor.taking import Taker
from ingestor.undying import undying
from ingestor.watching import WatchedSource, utc_now
from relevo_contracts import Topic
from relevo_datasets import Dataset, dataset_named
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.topics import reconciled
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it takes batches of each dataset for as long as it lives.

    Raises KeyError for a dataset that nobody knows, ValueError for one whose source is
    nowhere.
    """
    datasets = [dataset_named(name) for name in settings.datasets]
    clock = source_clock(settings.ingestor_source_schedule)
    limits = Limits(bytes=settings.ingestor_max_bytes, rows=settings.ingestor_max_rows)
    for dataset in datasets:
        settings.address_of(dataset)
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
            open_reader(
                limits,
                memory=settings.ingestor_max_memory_bytes,
                seconds=settings.ingestor_max_read_seconds,
            ) as reader,
            asyncio.TaskGroup() as tasks,
        ):

            async def take(dataset: Dataset) -> None:
                alone = len(datasets) == 1
                opened = open_source(dataset, settings, reader, is_alone=alone)
                async with opened as reached, asyncio.TaskGroup() as both:
                    source = WatchedSource(reached, publisher, clock, name=dataset.name)
                    taker = Taker(
                        source, reader, store, catalog, publisher, dataset=dataset
                    )
                    both.create_task(source.tell())
                    both.create_task(taker.take_for_ever(asyncio.sleep))

            works: list[Coroutine[None, None, None]] = [
                undying(partial(take, each), each.name) for each in datasets
            ]
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
