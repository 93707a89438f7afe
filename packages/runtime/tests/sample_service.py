"""A small service that the tests run as a process: SAMPLE_SERVICE.py GROUP BEHAVIOUR.

It prints what it does with each batch. BEHAVIOUR: work, hang (the handler never ends),
or break (the start has a bug).
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from relevo_contracts import BatchRaw, Envelope
from relevo_runtime.http.operation import build_app, serve
from relevo_runtime.kafka.consuming import consume
from relevo_runtime.kafka.publisher import open_publisher
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.telemetry.logging import configure_logging

log = structlog.get_logger("sample")


def main(group: str, behaviour: str) -> None:
    """Read settings, set logging, run."""
    settings = ServiceSettings()
    configure_logging(group, level=settings.log_level, format=settings.log_format)

    async def handler(event: BatchRaw, _: Envelope) -> None:
        log.info("begun")
        if behaviour == "hang":
            await asyncio.Event().wait()
        log.info("handled")

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

    serve(build_app(group, running), settings)


if __name__ == "__main__":
    main(*sys.argv[1:])
