"""Where the registry-watcher is put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette

from registry_watcher.handlers import Reconciler
from registry_watcher.mlflow_registry import open_registry
from registry_watcher.promotions import Promotions
from registry_watcher.settings import SERVICE, Settings
from registry_watcher.watching import watch
from registry_watcher.webhook import PATH, keep_webhook, needed, webhook_route
from relevo_bundles import Bundle
from relevo_contracts import Topic
from relevo_runtime.http.access import Access
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.kafka.reading import read_all
from relevo_runtime.kafka.topics import reconciled
from relevo_runtime.reconciling import Reconciliation, begin_counting
from relevo_storage import open_catalog, open_store

PROMOTED = Topic.MODEL_PROMOTED


def build(settings: Settings) -> Starlette:
    """The service: it listens for webhooks and watches the registry."""
    begin_counting("promotion", "record", "bundle")
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
            call_back = partial(
                registry.call_back, settings.registry_watcher_url + PATH, secret
            )
            reconciler = Reconciler(
                registry,
                store,
                Promotions(
                    partial(read_all, settings, service=SERVICE, topic=PROMOTED),
                    catalog,
                    publisher,
                ),
                catalog,
                read_manifest=lambda content: Bundle.read(content).manifest,
            )
            await call_back()
            async with (
                reconciled(
                    settings,
                    Reconciliation("webhook", partial(keep_webhook, call_back)),
                    topics=[PROMOTED, Topic.MODEL_SERVED],
                    every=settings.reconcile_interval_seconds,
                ),
                # a group: when watching fails, the service ends and is started again
                asyncio.TaskGroup() as tasks,
            ):
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


def access(_: Settings) -> Access:
    """Which keys open what."""
    return Access(needed)
