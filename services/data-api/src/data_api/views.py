"""The routes: what each of them answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version

from flask import Flask, Response, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.http import is_resource_modified

from data_api.dataset import Batch
from data_api.formats import Format, choose, etag, render
from data_api.metrics import RELEASED_BATCHES, TOTAL_BATCHES
from data_api.plan import Plan
from data_api.problems import problem, try_again

A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Views:
    """The answers, given the batches, the plan of their release and a clock."""

    batches: tuple[Batch, ...]
    plan: Plan
    clock: Callable[[], datetime]

    def add_to(self, app: Flask) -> None:
        """Give each view its address."""
        app.add_url_rule("/", "about", self.about)
        app.add_url_rule("/batches", "listing", self.listing)
        app.add_url_rule("/batches/<int:number>", "batch", self.batch)
        app.add_url_rule("/get_data", "current", self.current)
        app.add_url_rule("/health", "health", self.health)
        app.add_url_rule("/metrics", "metrics", self.metrics)

    def about(self) -> Response:
        """What this is and where to look."""
        seconds = self.plan.interval.total_seconds()
        return _json(
            {
                "name": "data-api",
                "description": f"One batch of rows every {seconds:g} seconds.",
                "batches": {"total": self.plan.total, "released": self._released()},
                "links": {
                    "batches": url_for("listing"),
                    "current_batch": url_for("current"),
                    "health": url_for("health"),
                    "metrics": url_for("metrics"),
                },
            }
        )

    def listing(self) -> Response:
        """The released batches, and when the next one is due by the clock in `now`."""
        now = self.clock()
        next_due = self.plan.next_due(now)
        released = self.batches[: self.plan.released(now)]
        return _json(
            {
                "now": _text(now),
                "total": self.plan.total,
                "complete": next_due is None,
                "next_due": _text(next_due) if next_due else None,
                "batches": [self._entry(batch) for batch in released],
            }
        )

    def _entry(self, batch: Batch) -> dict[str, object]:
        return {
            "number": batch.number,
            "rows": batch.rows,
            "sha256": batch.sha256,
            "size": batch.size,
            "released_at": _text(self.plan.due(batch.number)),
            "links": {"self": url_for("batch", number=batch.number)},
        }

    def batch(self, number: int) -> Response:
        """One batch, in the format that the client likes best."""
        if number > self._released() or number < 1:
            return self._absent(number)
        format = choose(request.accept_mimetypes)
        if format is None:
            offered = ", ".join(Format)
            return problem(HTTPStatus.NOT_ACCEPTABLE, f"There is {offered}.")
        response = _batch(self.batches[number - 1], format)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            response.cache_control.public = True
            response.cache_control.max_age = A_YEAR
            response.cache_control.immutable = True
            response.vary.add("Accept")
        return response

    def current(self) -> Response:
        """The newest batch as JSON, for clients that know nothing of all this."""
        released = self._released()
        if not released:
            return self._absent(1)
        response = _batch(self.batches[released - 1], Format.JSON)
        response.cache_control.no_cache = True
        return response

    def _absent(self, number: int) -> Response:
        if number < 1:
            return problem(HTTPStatus.NOT_FOUND, "Batches are numbered from 1.")
        if number > self.plan.total:
            detail = f"There is no more: batch {self.plan.total} is the last one."
            return problem(HTTPStatus.NOT_FOUND, detail, kind="no-more")
        due = self.plan.due(number)
        response = problem(
            HTTPStatus.NOT_FOUND,
            f"Batch {number} is released at {_text(due)}.",
            kind="not-yet-released",
            due=_text(due),
        )
        return try_again(response, after=due - self.clock())

    def health(self) -> Response:
        """The process lives."""
        return _json(
            {"status": "ok", "service": "data-api", "version": version("data-api")}
        )

    def metrics(self) -> Response:
        """For Prometheus."""
        RELEASED_BATCHES.set(self._released())
        TOTAL_BATCHES.set(self.plan.total)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    def _released(self) -> int:
        return self.plan.released(self.clock())


def _batch(batch: Batch, format: Format) -> Response:
    if batch.rows is None and format is not Format.PARQUET:
        detail = f"Batch {batch.number} cannot be read as a table."
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
    tag = etag(batch, format)
    if is_resource_modified(request.environ, etag=tag):
        response = Response(render(batch, format), mimetype=format)
    else:
        # Response.make_conditional would do, but holds all of a stream in memory
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(tag)
    return response


def _json(facts: dict[str, object]) -> Response:
    response = Response(json.dumps(facts) + "\n", content_type="application/json")
    response.cache_control.no_cache = True
    return response


def _text(time: datetime) -> str:
    """RFC 3339 in UTC, to the microsecond."""
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"
