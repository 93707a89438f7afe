"""Where the trainer is put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from relevo_contracts import BatchClean, BatchHeld
from relevo_datasets import dataset_named
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.lanes import consume_by_dataset
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.topics import reconciled
from relevo_storage import open_catalog, open_store
from trainer.handlers import build_handler
from trainer.jobs.code_version import code_version
from trainer.jobs.process import build_train, warm_up
from trainer.jobs.waiting import watch_held
from trainer.learning.settable import check_candidates
from trainer.metrics import begin
from trainer.recording.registered import Registry
from trainer.settings import SERVICE, Settings


def build(settings: Settings) -> Starlette:
    """The service: it learns from batches for as long as it lives.

    Raises KeyError, or DeclarationError, for a dataset that cannot be learned from.
    """
    for name in settings.datasets:
        check_candidates(dataset_named(name))
    begin(settings.datasets)
    registry = Registry(settings.mlflow_tracking_uri, settings.trainer_alias)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        warm_up()
        async with (
            open_store(settings) as store,
            open_catalog(settings) as catalog,
            open_publisher(settings, service=SERVICE) as publisher,
        ):
            handler = build_handler(
                store=store,
                catalog=catalog,
                publisher=publisher,
                train=build_train(registry),
                code_version=code_version(),
                threads=settings.trainer_threads,
                deaths=settings.delivery_attempts,
            )
            # a group: when watching fails, the service ends and is started again
            async with (
                reconciled(
                    settings,
                    topics=[BatchClean.topic, BatchClean.topic.dead, BatchHeld.topic],
                    every=settings.reconcile_interval_seconds,
                ),
                consume_by_dataset(
                    settings,
                    settings.datasets,
                    service=SERVICE,
                    event=BatchClean,
                    handler=handler,
                    publisher=publisher,
                ),
                asyncio.TaskGroup() as tasks,
            ):
                watching = tasks.create_task(watch_held(catalog, settings.datasets))
                yield
                watching.cancel()

    return build_app(SERVICE, running)
