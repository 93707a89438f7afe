"""The outside world, played by the tests: what it offers is there at once."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.faults.tables import Batch

SOON = timedelta(seconds=0.5)
ROUTES = Map(
    [
        Rule("/datasets/<name>/batches", endpoint="listing"),
        Rule("/datasets/<name>/batches/<int:number>", endpoint="batch"),
    ]
)


class Silent(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class Source:
    """Speaks as services/data-api does; what it offers is there the next moment.

    The next batch is always due soon, so a service never waits for a clock.
    """

    def __init__(self) -> None:
        self._offers: dict[str, dict[int, tuple[Batch, datetime]]] = {}
        self._lock = threading.Lock()
        self.fetched: list[tuple[str, int]] = []
        self.address = ""

    def offer(self, dataset: str, *batches: Batch) -> None:
        """Release them now."""
        with self._lock:
            offers = self._offers.setdefault(dataset, {})
            offers |= {each.number: (each, datetime.now(UTC)) for each in batches}

    def __call__(self, request: Request) -> Response:
        endpoint, arguments = ROUTES.bind_to_environ(request.environ).match()
        with self._lock:
            offers = dict(self._offers.get(arguments["name"], {}))
        if endpoint == "listing":
            return Response(json.dumps(_listing(offers)), mimetype="application/json")
        if arguments["number"] not in offers:
            raise NotFound
        self.fetched.append((arguments["name"], arguments["number"]))
        return Response(offers[arguments["number"]][0].content)


def _listing(offers: dict[int, tuple[Batch, datetime]]) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "now": now.isoformat(),
        "next_due": (now + SOON).isoformat(),
        "batches": [
            {"number": number, "sha256": batch.sha256, "released_at": at.isoformat()}
            for number, (batch, at) in offers.items()
        ],
    }


@contextmanager
def serving() -> Iterator[Source]:
    """A source that listens."""
    source = Source()
    application = Request.application(source)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    source.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
