"""Where the lag-watcher is put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from lag_watcher.broker import open_broker
from lag_watcher.display import MetricsDisplay
from lag_watcher.looking import look
from lag_watcher.settings import SERVICE, Settings
from lag_watcher.watching import watch
from relevo_runtime.http.life import background
from relevo_runtime.http.operation import Readiness, lifespan, operation_routes


def build(settings: Settings) -> Starlette:
    """The service: it looks at the broker for as long as it lives."""
    readiness = Readiness()
    readiness.wait_for("no look at Kafka yet")

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        watching = watch(
            lambda: open_broker(settings.kafka_bootstrap_servers, client_id=SERVICE),
            lambda broker: look(broker, settings.expected),
            display=MetricsDisplay(settings.dataset_of),
            readiness=readiness,
            interval=settings.lag_watcher_interval_seconds,
        )
        async with background(watching):
            yield

    return Starlette(
        routes=operation_routes(readiness, service=SERVICE),
        lifespan=lifespan(running, readiness),
    )
