"""Callers of the prediction routes: `make load host=http://127.0.0.1:8000 shape=users10`.

Each caller sends about one request a second, so that many callers are that many a second.
`--model NAME` calls one model by its name, else the one is called that answers when none is
named. It is sent rows of its dataset; where that ships without rows, the row that the pod's
own documentation shows. The run fails (exit code 1) when the answers are slower or worse
than the thresholds below.
"""

import itertools
import json
import random
from argparse import Namespace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from locust import HttpUser, LoadTestShape, between, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import WorkerRunner

Row = dict[str, Any]
SHIPPED: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("rows.json").read_text()
)
BATCH_ROWS = 50
BATCHES = "/predict_batch?model_name="
SEEDS = itertools.count()

Steps = tuple[tuple[float, int], ...]
SHAPES: dict[str, Steps] = {  # (seconds, callers), one after the other
    "users10": ((60, 10),),
    "users50": ((60, 50),),
    "steps": ((20, 1), (20, 10), (20, 25), (20, 50), (20, 100)),
    "spike": ((20, 10), (20, 100), (20, 10)),
}
CHANGE_PER_SECOND = 100
"""How many callers come, or go, at once."""
P95_MILLISECONDS = 500
FAILED_SHARE = 0.001


class Caller(HttpUser):
    """Sends real rows; rows that must be refused are refused, or it is a failure."""

    # No constant pace: callers that begin together would always ask together, and measure
    # how long this process takes to send.
    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        self.random = random.Random(next(SEEDS))  # noqa: S311 (no secret)
        options = cast(Namespace, self.environment.parsed_options)
        if options.api_key:
            self.client.headers["x-api-key"] = options.api_key
        model = options.model
        told, self.route, self.batch_route = "/model-info", "/predict", "/predict_batch"
        if model is not None:
            told = f"/models/{quote(model, safe='')}"
            self.route, self.batch_route = f"{told}/predict", f"{BATCHES}{quote(model)}"
        dataset = self.client.get(told).json().get("dataset")
        known = SHIPPED.get(dataset) or self.documented()
        self.rows, self.wrong, self.open = known["rows"], known["wrong"], known["open"]

    def documented(self) -> dict[str, Any]:
        page = self.client.get("/openapi.json").json()
        body = page["paths"][self.route]["post"]["requestBody"]["content"]
        name = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
        row = page["components"]["schemas"][name]["example"]
        return {"rows": [row], "wrong": [{f"{next(iter(row))}x": 1}], "open": None}

    @task(16)
    def one_row(self) -> None:
        self.send(self.route, self.row(), expected=200)

    @task(2)
    def one_row_with_a_category_that_nobody_knows(self) -> None:
        if self.open is None:
            return self.one_row()
        row = self.row() | {self.open: f"Word-{self.random.randrange(100)}"}
        name = f"{self.route} (unseen category)"
        return self.send(self.route, row, expected=200, name=name)

    @task(1)
    def a_row_that_does_not_fit(self) -> None:
        row = self.row() | self.random.choice(self.wrong)
        self.send(self.route, row, expected=422, name=f"{self.route} (invalid)")

    @task(1)
    def a_batch(self) -> None:
        rows = [self.row() for _ in range(BATCH_ROWS)]
        self.send(self.batch_route, rows, expected=200)

    def row(self) -> Row:
        return cast(Row, self.random.choice(self.rows))

    def send(self, path: str, body: object, *, expected: int, name: str = "") -> None:
        with self.client.post(
            path, json=body, name=name or path, catch_response=True
        ) as answer:
            if answer.status_code == expected:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} instead of {expected}")


class Shape(LoadTestShape):
    """How many callers there are when: the shape that `--shape` names."""

    def tick(self) -> tuple[int, float] | None:
        options = cast(Namespace, cast(Any, self.runner).environment.parsed_options)
        ends_at = 0.0
        for seconds, callers in SHAPES[options.shape]:
            ends_at += seconds * options.pace
            if self.get_run_time() < ends_at:
                return callers, CHANGE_PER_SECOND
        return None


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Which shape, and how long."""
    parser.add_argument("--shape", choices=sorted(SHAPES), default="users10")
    parser.add_argument("--model", help="its name; else the one that needs none")
    parser.add_argument(
        "--api-key", env_var="RELEVO_API_KEY", is_secret=True, help="of scope predict"
    )
    parser.add_argument(
        "--pace", type=float, default=1.0, help="0.1: a tenth of the usual time"
    )


@events.quitting.add_listener
def judge(environment: Environment, **_: object) -> None:
    """The exit code says whether the thresholds were kept."""
    if isinstance(environment.runner, WorkerRunner):
        return  # the master has the figures of all
    total = environment.stats.total
    p95 = total.get_response_time_percentile(0.95) or 0
    reasons = []
    if total.num_requests == 0:
        reasons.append("no request was answered")
    if total.fail_ratio > FAILED_SHARE:
        reasons.append(f"{total.fail_ratio:.2%} failed, {FAILED_SHARE:.1%} may")
    if p95 > P95_MILLISECONDS:
        reasons.append(f"95 % took up to {p95} ms, {P95_MILLISECONDS} ms may be")
    for reason in reasons:
        print(f"load: {reason}")
    if reasons:
        environment.process_exit_code = 1
    else:
        print(f"load: {total.num_requests} requests, 95 % within {p95} ms: as wanted")
