"""How a service logs: pretty on a terminal, JSON elsewhere, libraries like ourselves."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from relevo_runtime.telemetry.log_noise import NoiseFilter

INDEPENDENT = ("faststream", "uvicorn", "uvicorn.access")
"""Libraries that would write by handlers of their own."""
CHATTY = ("aiokafka.consumer.subscription_state", "aiokafka.consumer.group_coordinator")
"""They tell of each look at a topic, which is each minute."""


def configure_logging(service: str, *, level: str, format: str) -> None:
    """Send every log line of the process to standard output in one form.

    format: "json", "console", or "auto" (console on a terminal, else json).
    Raises ValueError for an unknown level.
    """
    shared = shared_processors(service)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *renderers(format, sys.stdout),
            ],
        )
    )
    handler.addFilter(NoiseFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in INDEPENDENT:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def shared_processors(service: str) -> list[Processor]:
    """What each line gets, whoever wrote it: time, level, service, event and batch id."""

    def add_service(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        line.pop("color_message", None)  # uvicorn's second form of its message
        line["service"] = service
        return line

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service,
    ]


def renderers(format: str, stream: TextIO) -> list[Processor]:
    """The processors that make text of a line."""
    if format == "console" or (format == "auto" and stream.isatty()):
        return [
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(),
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    ]
