"""Where the registry-watcher is put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from registry_watcher.handlers import Reconciler
from registry_watcher.mlflow_registry import open_registry
from registry_watcher.settings import SERVICE, Settings
from registry_watcher.watching import watch
from registry_watcher.webhook import PATH, webhook_route
from relevo_bundles import Bundle
from relevo_contracts import ModelPromoted
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.consuming import follow
from relevo_runtime.kafka.publisher import open_publisher
from relevo_storage import open_catalog, open_store


def build(settings: Settings) -> Starlette:
    """The service: it listens for webhooks and watches the registry."""
    nudged = asyncio.Event()
    secret = settings.registry_watcher_webhook_secret.get_secret_value()

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        async with (
            open_store(settings) as store,
            open_catalog(settings) as catalog,
            open_publisher(settings, service=SERVICE) as publisher,
            open_registry(
                settings.mlflow_tracking_uri, alias=settings.registry_watcher_alias
            ) as registry,
        ):
            reconciler = Reconciler(
                registry,
                store,
                catalog,
                publisher,
                read_manifest=lambda content: Bundle.read(content).manifest,
            )
            async with follow(
                settings,
                service=SERVICE,
                event=ModelPromoted,
                handler=reconciler.remember,
            ) as following:
                await following.until_caught_up()
                await registry.call_back(settings.registry_watcher_url + PATH, secret)
                # a group: when watching fails, the service ends and is started again
                async with asyncio.TaskGroup() as tasks:
                    watching = tasks.create_task(
                        watch(
                            reconciler.reconcile,
                            nudged,
                            interval=settings.registry_watcher_interval_seconds,
                        )
                    )
                    yield
                    watching.cancel()

    return build_app(SERVICE, running, routes=[webhook_route(nudged.set, secret=secret)])
