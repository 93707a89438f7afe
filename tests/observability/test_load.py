"""The load is judged by its thresholds: the exit code says whether they were kept."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.observability.loading import load

pytestmark = pytest.mark.slow

OWN_ROW = {"x1": 0.5, "x2": 0.7}
OWN = "/models/my%20own/predict"
DOCUMENT = {
    "paths": {
        OWN: {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"$ref": "#/components/schemas/Row_my_own"}
                        }
                    }
                }
            }
        }
    },
    "components": {"schemas": {"Row_my_own": {"example": OWN_ROW}}},
}
"""What a pod documents of a model whose dataset does not ship; more of it is not read."""


def is_wrong(row: Any) -> bool:
    """As the locustfile spoils a row."""
    return isinstance(row, dict) and (
        row.get("gender") == 7
        or row.get("time_in_hospital") == 0
        or row.get("Pregnancies") == -1
        or {"racex", "Pregnanciesx", "x1x"} & row.keys() != set()
    )


Asked = dict[str, list[Any]]


@contextmanager
def pod(
    *,
    good: int = 200,
    wrong: int = 422,
    seconds: float = 0.0,
    asked: Asked | None = None,
    dataset: str = "diabetes130",
) -> Iterator[str]:
    """An HTTP server with these statuses for good and for wrong rows.

    asked: takes what was sent, by the path. dataset: its models' one.
    """

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            row = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if asked is not None:
                asked.setdefault(self.path, []).append(row)
            time.sleep(seconds)
            self.send_response(wrong if is_wrong(row) else good)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            document = self.path == "/openapi.json"
            body = json.dumps(DOCUMENT if document else {"dataset": dataset}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 100  # the usual 5 let callers that come together wait a second

        def handle_error(self, *_: object) -> None:
            """Callers hang up in the middle of an answer when the time is over."""

    with Quiet(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_a_pod_that_answers_as_it_should_passes_and_leaves_reports(tmp_path: Path) -> None:
    with pod() as host:
        done = load(host, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "as wanted" in done.stdout
    assert "<html" in (tmp_path / "load.html").read_text()
    assert "/predict" in (tmp_path / "load_stats.csv").read_text()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"good": 503}, "failed, 0.1% may"),
        ({"wrong": 200}, "failed, 0.1% may"),
        ({"seconds": 0.7}, "500 ms may be"),
    ],
    ids=["errors", "wrong rows are answered", "slow"],
)
def test_a_pod_that_does_not_fails_the_run_and_the_reason_is_said(
    tmp_path: Path, answers: dict[str, Any], reason: str
) -> None:
    with pod(**answers) as host:
        # of a hundred and more requests, one or another is wrong for sure
        done = load(host, tmp_path, shape="users50")

    assert done.returncode == 1, done.stdout + done.stderr
    assert reason in done.stdout


def test_a_model_is_called_by_its_name_with_rows_of_its_own(tmp_path: Path) -> None:
    asked: Asked = {}
    with pod(asked=asked, dataset="pima") as host:
        done = load(host, tmp_path, model="pima", shape="users50")

    assert done.returncode == 0, done.stdout + done.stderr
    assert set(asked) == {"/models/pima/predict", "/predict_batch?model_name=pima"}
    good = [row for row in asked["/models/pima/predict"] if not is_wrong(row)]
    assert len({row["Glucose"] for row in good}) > 1


def test_a_model_of_ones_own_is_sent_the_row_that_the_pod_documents(tmp_path: Path) -> None:
    asked: Asked = {}
    with pod(asked=asked, dataset="my own") as host:
        done = load(host, tmp_path, model="my own", shape="users50")

    assert done.returncode == 0, done.stdout + done.stderr
    assert next(row for row in asked[OWN] if not is_wrong(row)) == OWN_ROW
    assert any(is_wrong(row) for row in asked[OWN])
