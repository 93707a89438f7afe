"""A small service that the tests run as a process: SAMPLE_SERVICE.py GROUP BEHAVIOUR.

It prints what it does with each batch. BEHAVIOUR: work, hang (the handler never ends),
or break (the start has a bug).
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette

from relevo_contracts import BatchRaw, Envelope
from relevo_runtime.http.operation import build_app
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.service import run
from relevo_runtime.settings import ServiceSettings

log = structlog.get_logger("sample")
group, behaviour = sys.argv[1:]


async def handler(event: BatchRaw, _: Envelope) -> None:
    """Work, or hang."""
    log.info("begun")
    if behaviour == "hang":
        await asyncio.Event().wait()
    log.info("handled")


def build(settings: ServiceSettings) -> Starlette:
    """The service."""

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        if behaviour == "break":
            raise ZeroDivisionError("a bug at the start")
        async with (
            open_publisher(settings, service=group) as publisher,
            consume(
                settings,
                service=group,
                event=BatchRaw,
                handler=handler,
                publisher=publisher,
            ),
        ):
            yield

    return build_app(group, running)


if __name__ == "__main__":
    run(group, ServiceSettings, build)
