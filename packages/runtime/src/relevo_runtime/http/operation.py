"""The outside of a service: /health, /ready, /metrics, and how it lives and ends."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from relevo_runtime.http.access import USUAL, Access
from relevo_runtime.http.apart import sockets
from relevo_runtime.http.connections import PunctualProtocol
from relevo_runtime.http.http_server import LingeringServer
from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.life import Running, lifespan
from relevo_runtime.http.readiness import STARTING, Readiness
from relevo_runtime.http.settings import HttpSettings
from relevo_runtime.http.shell import surround
from relevo_runtime.http.version import code_version
from relevo_runtime.retries import waits

__all__ = ["Readiness", "build_app", "lifespan", "operation_routes", "serve"]

CHECK_SECONDS = 2.0
Check = Callable[[], Awaitable[None]]
"""Answers when all is well; raises an Exception that says what is not."""


def operation_routes(readiness: Readiness, *checks: Check, service: str) -> list[Route]:
    """/health (its loop turns), /ready (it does its work), /metrics (Prometheus).

    `checks` are asked at each /ready, two seconds for all of them.
    """

    async def health(_: Request) -> Response:
        facts = {"status": "ok", "service": service, "version": code_version(service)}
        return JSONResponse(facts)

    async def ready(_: Request) -> Response:
        reason = await obstacle(readiness, checks)
        if reason is not None:
            return JSONResponse({"reason": reason}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return [
        Route("/health", health),
        Route("/ready", ready),
        Route("/metrics", metrics),
    ]


async def obstacle(readiness: Readiness, checks: Sequence[Check]) -> str | None:
    """Why the service does not do its work; None when it does."""
    if not readiness.ready:
        waiting = ", ".join(waits()) if readiness.reason == STARTING else ""
        return f"{readiness.reason}: waiting for {waiting}" if waiting else readiness.reason
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            for check in checks:
                await check()
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except Exception as error:  # a check says what is wrong by whatever it raises
        return str(error) or repr(error)
    return None


def build_app(
    service: str, running: Running, *, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """A service without an API of its own: its life, the operation routes, and `routes`."""
    readiness = Readiness()
    return Starlette(
        routes=[*operation_routes(readiness, service=service), *routes],
        lifespan=lifespan(running, readiness),
    )


def serve(
    app: ASGIApp,
    settings: HttpSettings,
    *,
    drain_seconds: float,
    protocol: Callable[..., PunctualProtocol] = PunctualProtocol,
    access: Access = USUAL,
) -> None:
    """Serve until SIGTERM or SIGINT, then let running requests end, for so many seconds.

    Raises SetupError for a file of keys that cannot be read, OSError for a taken port.
    """
    keys = KeyRing(settings.api_keys_file) if settings.api_keys_file else None
    apart = settings.http_operations_port

    async def each_second() -> None:
        if keys is not None:
            keys.look()

    config = uvicorn.Config(
        surround(app, settings, keys=keys, access=access),
        host=settings.http_host,
        port=settings.http_port,
        http=partial(protocol, keys=keys, apart=apart),  # type: ignore[arg-type] # whatever makes one
        ws="none",
        headers=[("x-relevo-pod", settings.served_by)],
        log_config=None,
        access_log=False,
        timeout_keep_alive=settings.http_idle_seconds,
        timeout_graceful_shutdown=max(1, round(drain_seconds)),
        callback_notify=each_second,
        timeout_notify=0,
    )
    server = LingeringServer(
        config,
        linger=settings.stop_delay_seconds,
        watchdog_seconds=settings.watchdog_seconds,
    )
    server.run(sockets=list(sockets(config, apart)) if apart else None)
