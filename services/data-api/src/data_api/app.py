"""Puts the data API together and serves it."""

import logging
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, g, request
from waitress.server import BaseWSGIServer, create_server

from data_api.dataset import read_batches
from data_api.metrics import REQUEST_SECONDS, REQUESTS
from data_api.plan import Plan
from data_api.problems import answer_errors_as_problems
from data_api.settings import Settings
from data_api.start import first_start
from data_api.views import Views

log = logging.getLogger("data_api")


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


def build_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The WSGI application.

    Raises FileNotFoundError when there is no batch to hand out.
    """
    batches = read_batches(settings.data_api_folder)
    plan = Plan(
        epoch=epoch_of(settings, clock()),
        interval=timedelta(seconds=settings.data_api_interval_seconds),
        total=len(batches),
    )
    app = Flask("data_api", static_folder=None)
    Views(batches=batches, plan=plan, clock=clock).add_to(app)
    answer_errors_as_problems(app)
    count_requests(app)
    log.info("%d batches, one every %s, from %s on", plan.total, plan.interval, plan.epoch)
    return app


def epoch_of(settings: Settings, now: datetime) -> datetime:
    """When the first batch is released: as set, else at the first start, else now."""
    if settings.data_api_epoch is not None:
        return datetime.fromtimestamp(settings.data_api_epoch, UTC)
    if settings.data_api_start_file is not None:
        return first_start(settings.data_api_start_file, now)
    return now


def count_requests(app: Flask) -> None:
    """Metrics by route; what has no route is counted as one, whatever was asked for."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        begun = g.begun
        REQUESTS.labels(route, response.status_code).inc()
        seconds = REQUEST_SECONDS.labels(route)
        response.call_on_close(lambda: seconds.observe(time.perf_counter() - begun))
        return response


def build_server(app: Flask, *, host: str, port: int) -> BaseWSGIServer:
    """The WSGI server, listening; a client that says nothing for a minute is let go."""
    return create_server(
        app,
        host=host,
        port=port,
        threads=4,
        channel_timeout=60,
        cleanup_interval=10,
        connection_limit=200,
        max_request_body_size=65_536,
        outbuf_overflow=65_536,  # what a client is slow to take waits in a file
        ident=None,
    )


def serve(app: Flask, settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT; what is being answered then has 5 s to end."""
    server = build_server(app, host=settings.http_host, port=settings.http_port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("listening on http://%s:%s", settings.http_host, settings.http_port)
    server.run()
