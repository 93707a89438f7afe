"""The routes: what each of them answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.metadata import version

from flask import Flask, Response, abort, request, url_for
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from data_api.answers import as_json, as_text, batch_as
from data_api.dataset import Batch, Dataset, Stock
from data_api.formats import Format, choose
from data_api.metrics import RELEASED_BATCHES, TOTAL_BATCHES
from data_api.problems import problem, try_again

A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Views:
    """The answers, given the datasets, the interval of their releases and a clock.

    The routes that name no dataset are those of the first one.
    """

    datasets: Mapping[str, Dataset]
    interval: timedelta
    clock: Callable[[], datetime]

    def add_to(self, app: Flask) -> None:
        """Give each view its address."""
        app.add_url_rule("/", "about", self.about)
        app.add_url_rule("/datasets", "datasets", self.all_datasets)
        app.add_url_rule("/datasets/<name>/batches", "listing_of", self.listing)
        app.add_url_rule("/datasets/<name>/batches/<int:number>", "batch_of", self.batch)
        app.add_url_rule("/batches", "listing", self.listing)
        app.add_url_rule("/batches/<int:number>", "batch", self.batch)
        app.add_url_rule("/get_data", "current", self.current)
        app.add_url_rule("/health", "health", self.health)
        app.add_url_rule("/metrics", "metrics", self.metrics)

    def about(self) -> Response:
        """What this is and where to look."""
        seconds = self.interval.total_seconds()
        return as_json(
            {
                "name": "data-api",
                "description": f"One batch of rows every {seconds:g} seconds.",
                "datasets": self._entries(),
                "links": {
                    "datasets": url_for("datasets"),
                    "batches": url_for("listing"),
                    "current_batch": url_for("current"),
                    "health": url_for("health"),
                    "metrics": url_for("metrics"),
                },
            }
        )

    def all_datasets(self) -> Response:
        """Whose batches are handed out."""
        return as_json({"datasets": self._entries()})

    def _entries(self) -> list[dict[str, object]]:
        now = self.clock()
        plans = {name: each.stock(now).plan for name, each in self.datasets.items()}
        return [
            {
                "name": name,
                "batches": {"total": plan.total, "released": plan.released(now)},
                "links": {"batches": url_for("listing_of", name=name)},
            }
            for name, plan in plans.items()
        ]

    def listing(self, name: str | None = None) -> Response:
        """The released batches, and when the next one is due by the clock in `now`."""
        now = self.clock()
        stock = self._dataset(name).stock(now)
        plan = stock.plan
        next_due = plan.next_due(now)
        released = range(1, plan.released(now) + 1)
        return as_json(
            {
                "now": as_text(now),
                "total": plan.total,
                "complete": next_due is None,
                "next_due": as_text(next_due) if next_due else None,
                "batches": [
                    _entry(stock.batches[number], plan.due(number), name)
                    for number in released
                    if number in stock.batches
                ],
            }
        )

    def batch(self, number: int, name: str | None = None) -> Response:
        """One batch, in the format that the client likes best."""
        now = self.clock()
        stock = self._dataset(name).stock(now)
        if not 1 <= number <= stock.plan.released(now):
            return _absent(number, stock, now)
        if number not in stock.batches:
            detail = f"Batch {number} was handed out once, and is here no more."
            return problem(HTTPStatus.GONE, detail, kind="gone")
        format = choose(request.accept_mimetypes)
        if format is None:
            offered = ", ".join(Format)
            return problem(HTTPStatus.NOT_ACCEPTABLE, f"There is {offered}.")
        response = batch_as(stock.batches[number], format)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            response.cache_control.public = True
            response.cache_control.max_age = A_YEAR
            response.cache_control.immutable = True
            response.vary.add("Accept")
        return response

    def current(self) -> Response:
        """The newest batch as JSON, for clients that know nothing of all this."""
        now = self.clock()
        stock = self._dataset(None).stock(now)
        released = stock.plan.released(now)
        here = [number for number in stock.batches if number <= released]
        if not here:
            return _absent(1, stock, now)
        response = batch_as(stock.batches[max(here)], Format.JSON)
        response.cache_control.no_cache = True
        return response

    def _dataset(self, name: str | None) -> Dataset:
        """The dataset of that name, else the first; without it the answer is a problem."""
        found = self.datasets.get(name or next(iter(self.datasets), ""))
        if found is None:
            known = ", ".join(self.datasets) or "none"
            detail = f"There is no dataset {name!r}; there is: {known}."
            abort(problem(HTTPStatus.NOT_FOUND, detail, kind="no-such-dataset"))
        return found

    def health(self) -> Response:
        """The process lives."""
        return as_json(
            {"status": "ok", "service": "data-api", "version": version("data-api")}
        )

    def metrics(self) -> Response:
        """For Prometheus."""
        now = self.clock()
        for name, dataset in self.datasets.items():
            plan = dataset.stock(now).plan
            RELEASED_BATCHES.labels(name).set(plan.released(now))
            TOTAL_BATCHES.labels(name).set(plan.total)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _entry(batch: Batch, due: datetime, name: str | None) -> dict[str, object]:
    number = batch.number
    by_name = name and url_for("batch_of", name=name, number=number)
    return {
        "number": number,
        "rows": batch.rows,
        "sha256": batch.sha256,
        "size": batch.size,
        "released_at": as_text(due),
        "links": {"self": by_name or url_for("batch", number=number)},
    }


def _absent(number: int, stock: Stock, now: datetime) -> Response:
    plan = stock.plan
    if number < 1:
        return problem(HTTPStatus.NOT_FOUND, "Batches are numbered from 1.")
    if number > plan.total:
        detail = f"There is no more: batch {plan.total} is the last one."
        return problem(HTTPStatus.NOT_FOUND, detail, kind="no-more")
    due = plan.due(number)
    response = problem(
        HTTPStatus.NOT_FOUND,
        f"Batch {number} is released at {as_text(due)}.",
        kind="not-yet-released",
        due=as_text(due),
    )
    return try_again(response, after=due - now)
