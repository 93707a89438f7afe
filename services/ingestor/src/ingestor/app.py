"""Where the ingestor is put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from ingestor.batches import Limits
from ingestor.ec2_instance import Ec2Instance, show_state
from ingestor.http_source import open_source
from ingestor.metrics import SOURCE_EXPECTED_UP
from ingestor.results import SERVICE
from ingestor.settings import Settings
from ingestor.source_clock import source_clock
from ingestor.taking import Taker
from ingestor.watching import WatchedSource, utc_now
from relevo_datasets import dataset_named
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.publisher import open_publisher
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it takes batches for as long as it lives.

    Raises KeyError for a dataset that nobody knows.
    """
    dataset = dataset_named(settings.ingestor_dataset)
    clock = source_clock(settings.ingestor_source_schedule)
    SOURCE_EXPECTED_UP.set_function(lambda: clock.asleep_until(utc_now()) is None)
    limits = Limits(bytes=settings.ingestor_max_bytes, rows=settings.ingestor_max_rows)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with (
            open_store(
                endpoint_url=settings.s3_endpoint_url,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key.get_secret_value(),
                bucket=settings.s3_bucket,
            ) as store,
            open_catalog(settings.catalog_url.get_secret_value()) as catalog,
            open_publisher(settings, service=SERVICE) as publisher,
            open_source(settings.data_api_url) as reached,
            # a group: when taking fails, the service ends and is started again
            asyncio.TaskGroup() as tasks,
        ):
            source = WatchedSource(reached, publisher, clock, name=dataset.name)
            taker = Taker(source, store, catalog, publisher, dataset=dataset, limits=limits)
            works = [source.tell(), taker.take_for_ever(asyncio.sleep)]
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
