"""The outside of a service: /health, /ready, /metrics, and how it lives and ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from relevo_contracts import OutageError
from relevo_runtime.readiness import STARTING, Readiness
from relevo_runtime.retries import patiently
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.version import code_version

__all__ = ["Readiness", "build_app", "lifespan", "operation_routes", "serve"]

Check = Callable[[], Awaitable[None]]
"""Answers when all is well; raises an Exception that says what is not."""

Running = Callable[[], AbstractAsyncContextManager[None]]
"""All that a service opens and runs, from its start to its stop."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def operation_routes(readiness: Readiness, *checks: Check, service: str) -> list[Route]:
    """/health (the process lives), /ready (it does its work), /metrics (Prometheus)."""

    async def health(_: Request) -> Response:
        facts = {"status": "ok", "service": service, "version": code_version(service)}
        return JSONResponse(facts)

    async def ready(_: Request) -> Response:
        reason = "" if readiness.ready else readiness.reason
        try:
            async with asyncio.timeout(2):
                for check in checks:
                    await check()
        except Exception as error:
            reason = reason or str(error) or repr(error)
        if reason:
            return JSONResponse({"reason": reason}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
    ]


def lifespan(
    running: Running, readiness: Readiness
) -> Callable[[ASGIApp], AbstractAsyncContextManager[None]]:
    """A lifespan that enters `running` beside the server and leaves it at the stop."""

    async def live(leave: asyncio.Event) -> None:
        async def enter() -> None:
            try:
                async with running():
                    if readiness.reason == STARTING:
                        readiness.is_ready()
                    await leave.wait()
            except ConnectionError as error:
                raise OutageError(str(error)) from error

        await patiently(enter, what="what the service needs")

    @asynccontextmanager
    async def beside(_: object) -> AsyncIterator[None]:
        leave = asyncio.Event()
        life = asyncio.create_task(live(leave))
        try:
            yield
        finally:
            leave.set()
            await life

    return beside


def build_app(service: str, running: Running, *, routes: Sequence[Route] = ()) -> Starlette:
    """A service without an API of its own: its life, the operation routes, and `routes`."""
    readiness = Readiness()
    return Starlette(
        routes=[*operation_routes(readiness, service=service), *routes],
        lifespan=lifespan(running, readiness),
    )


def serve(app: ASGIApp, settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT, then let running requests end."""
    uvicorn.run(
        app,
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=int(settings.drain_seconds),
    )
