"""A small service that the tests run as a process: SAMPLE_SERVICE.py GROUP BEHAVIOUR.

It prints what it does with each batch. BEHAVIOUR: work, hang (the handler never ends),
break (the start has a bug), fail (what runs beside it has one), or block (something in its
loop never ends).
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from starlette.applications import Starlette

from relevo_contracts import BatchRaw, Envelope
from relevo_runtime.http.life import background
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


def stand_still() -> None:
    """Block whoever calls it."""
    time.sleep(600)


async def fail() -> None:
    """Work beside the service that ends too soon."""
    await asyncio.sleep(0.5)
    raise ZeroDivisionError("a bug beside it")


def build(settings: ServiceSettings) -> Starlette:
    """The service."""

    @asynccontextmanager
    async def running() -> AsyncIterator[None]:
        if behaviour == "break":
            raise ZeroDivisionError("a bug at the start")
        if behaviour == "block":
            asyncio.get_running_loop().call_later(0.5, stand_still)
        async with (
            background(*[fail()] * (behaviour == "fail")),
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
