"""Where the cleaner is put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from cleaner.handlers import build_handler
from cleaner.results import SERVICE
from cleaner.settings import Settings
from relevo_contracts import BatchRaw
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.publisher import open_publisher
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it cleans batches for as long as it lives."""

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
        ):
            handler = build_handler(
                store=store, catalog=catalog, publisher=publisher, rules=settings.rules
            )
            async with consume(
                settings,
                service=SERVICE,
                event=BatchRaw,
                handler=handler,
                publisher=publisher,
            ):
                yield

    return build_app(SERVICE, running)
