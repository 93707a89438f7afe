"""Where the cleaner is put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from cleaner.announcing import announcing_again
from cleaner.cleaning import meaning_of
from cleaner.handlers import build_handler
from cleaner.metrics import begin
from cleaner.settings import SERVICE, Settings
from relevo_contracts import BatchClean, BatchRaw
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.lanes import consume_by_dataset
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.topics import reconciled
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it cleans batches for as long as it lives.

    Raises PoisonError, or DeclarationError, for a dataset that cannot be cleaned.
    """
    for name in settings.datasets:
        meaning_of(name, settings.rules)
    begin(settings.datasets)

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with (
            open_store(settings) as store,
            open_catalog(settings) as catalog,
            open_publisher(settings, service=SERVICE) as publisher,
        ):
            handler = build_handler(
                store=store,
                catalog=catalog,
                publisher=publisher,
                rules=settings.rules,
                deaths=settings.delivery_attempts,
            )
            async with (
                reconciled(
                    settings,
                    *announcing_again(settings, settings.datasets, catalog, publisher),
                    topics=[BatchRaw.topic, BatchRaw.topic.dead, BatchClean.topic],
                    every=settings.reconcile_interval_seconds,
                ),
                consume_by_dataset(
                    settings,
                    settings.datasets,
                    service=SERVICE,
                    event=BatchRaw,
                    handler=handler,
                    publisher=publisher,
                ),
            ):
                yield

    return build_app(SERVICE, running)
