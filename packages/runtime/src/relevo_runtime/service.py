"""A service as a program: its settings, its log and traces, and then it serves."""

import sys
from collections.abc import Callable
from typing import TypeVar

import structlog
from starlette.types import ASGIApp

from relevo_contracts.errors import SetupError
from relevo_runtime.http.access import USUAL, Access
from relevo_runtime.http.connections import PunctualProtocol
from relevo_runtime.http.operation import serve
from relevo_runtime.settings import ServiceSettings
from relevo_runtime.telemetry.logging import configure_logging
from relevo_runtime.telemetry.tracing import configure_tracing

S = TypeVar("S", bound=ServiceSettings)
A = TypeVar("A", bound=ASGIApp)
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Protocol = Callable[..., PunctualProtocol]
"""What makes the protocol of a connection."""


def usual(_: ASGIApp, __: ServiceSettings) -> Protocol:
    """The protocol of a service that has none of its own."""
    return PunctualProtocol


def run(
    service: str,
    settings: type[S],
    build: Callable[[S], A],
    *,
    protocol: Callable[[A, S], Protocol] = usual,
    access: Callable[[S], Access] = lambda _: USUAL,
) -> None:
    """Read the environment, and serve what `build` makes of it until SIGTERM or SIGINT.

    Raises pydantic.ValidationError for an environment that the settings refuse.
    """
    read = settings()
    configure_logging(service, level=read.log_level, format=read.log_format)
    configure_tracing(service, endpoint=read.otel_exporter_otlp_endpoint)
    app = build(read)
    try:
        serve(
            app,
            read,
            drain_seconds=read.drain_seconds,
            protocol=protocol(app, read),
            access=access(read),
        )
    except SetupError as error:
        log.critical("the service cannot start", reason=str(error))
        sys.exit(1)
