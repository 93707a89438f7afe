"""Puts the data API together and serves it."""

import logging
import shutil
import signal
import sys
import tempfile
import time
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, abort, g, request
from waitress.server import BaseWSGIServer, create_server

from data_api.dataset import Dataset
from data_api.ledger import Ledger
from data_api.metrics import REQUEST_SECONDS, REQUESTS
from data_api.problems import answer_errors_as_problems
from data_api.settings import Settings
from data_api.sources import Source, choose
from data_api.views import Views

MOST_HEADERS, MOST_HEAD_BYTES = 100, 65_536

log = logging.getLogger("data_api")


def utc_now() -> datetime:
    """The time by this machine's clock."""
    return datetime.now(UTC)


def build_app(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """The WSGI application.

    Raises FileNotFoundError for a source without a batch to hand out.
    """
    app = Flask("data_api", static_folder=None)
    state = settings.data_api_state or folder_as_long_as(app)
    now, datasets = clock(), {}
    for found in choose(
        settings.relevo_dataset, settings.data_api_sources, settings.data_api_folder
    ):
        if isinstance(found, str):
            log.warning("%s: no rows of it are here, somebody else may have them", found)
        else:
            datasets[found.name] = open_dataset(found, settings, state, now)
    interval = timedelta(seconds=settings.data_api_interval_seconds)
    Views(datasets, interval, clock).add_to(app)
    answer_errors_as_problems(app)
    count_requests(app)
    return app


def open_dataset(source: Source, settings: Settings, state: Path, now: datetime) -> Dataset:
    """The dataset after its first look. Raises FileNotFoundError without a batch."""
    epoch = settings.data_api_epoch
    dataset = Dataset(
        source,
        Ledger(state / f"{source.name}.json", now),
        folder=state / source.name,
        interval=timedelta(seconds=settings.data_api_interval_seconds),
        epoch=None if epoch is None else datetime.fromtimestamp(epoch, UTC),
    )
    stock = dataset.stock(now)
    if not stock.batches:
        raise FileNotFoundError(f"{source.name}: no *.parquet or *.csv at {source.path}")
    plan = stock.plan
    log.info(
        "%s: %d batches, one every %s, from %s on",
        *(source.name, plan.total, plan.interval, plan.epoch),
    )
    return dataset


def folder_as_long_as(app: Flask) -> Path:
    """A folder that goes with the app: what is kept in it is not kept over restarts."""
    folder = Path(tempfile.mkdtemp(prefix="data-api-"))
    weakref.finalize(app, shutil.rmtree, folder, ignore_errors=True)
    return folder


def count_requests(app: Flask) -> None:
    """Metrics by route; what has no route is counted as one, whatever was asked for."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()
        if len(request.headers) > MOST_HEADERS:
            abort(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

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
        max_request_header_size=MOST_HEAD_BYTES,
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
