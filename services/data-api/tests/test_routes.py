"""What the routes answer, at any time of the release plan."""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import csv, parquet
from werkzeug.test import TestResponse

from data_api.app import build_app
from data_api.plan import Plan
from data_api.settings import Settings

PARQUET = "application/vnd.apache.parquet"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = EPOCH

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def table_of(number: int) -> pa.Table:
    return pa.table({"id": [f"{number}1", f"{number}2"], "text": ['a "b", c', "?"]})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2, 3):
        parquet.write_table(table_of(number), tmp_path / f"batch-{number}.parquet")
    return tmp_path


@pytest.fixture
def client(folder: Path, clock: Clock) -> FlaskClient:
    return build_app(settings_of(folder), clock=clock).test_client()


def settings_of(folder: Path, **more: object) -> Settings:
    return Settings.model_validate({"data_api_sources": f"rows={folder}"} | more)


def problem_of(response: TestResponse) -> dict[str, object]:
    assert response.content_type == "application/problem+json"
    facts = json.loads(response.data)
    assert {"type", "title", "status", "detail", "instance"} <= facts.keys()
    assert facts["status"] == response.status_code
    return dict(facts)


def test_the_listing_tells_what_is_released_and_when_the_next_is_due(
    client: FlaskClient, clock: Clock
) -> None:
    clock.move(310)

    listing = client.get("/batches").get_json()

    assert listing["now"] == "2026-01-01T00:05:10.000000Z"
    assert listing["next_due"] == "2026-01-01T00:10:00.000000Z"
    assert (listing["total"], listing["complete"]) == (3, False)
    assert [batch["number"] for batch in listing["batches"]] == [1, 2]
    assert listing["batches"][1]["released_at"] == "2026-01-01T00:05:00.000000Z"
    assert listing["batches"][1]["rows"] == 2
    assert listing["batches"][1]["links"] == {"self": "/batches/2"}


def test_the_listing_says_that_there_is_no_more(client: FlaskClient, clock: Clock) -> None:
    clock.move(600)

    listing = client.get("/batches").get_json()

    assert (listing["complete"], listing["next_due"]) == (True, None)


def test_a_batch_has_the_checksum_that_was_listed(
    client: FlaskClient, folder: Path
) -> None:
    (entry,) = client.get("/batches").get_json()["batches"]
    content = client.get(entry["links"]["self"]).data

    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert content == (folder / "batch-1.parquet").read_bytes()


def test_a_batch_comes_as_parquet_csv_or_json(client: FlaskClient) -> None:
    as_parquet = client.get("/batches/1", headers={"Accept": PARQUET})
    as_csv = client.get("/batches/1", headers={"Accept": "text/csv"})
    as_json = client.get("/batches/1", headers={"Accept": "application/json"})

    assert parquet.read_table(io.BytesIO(as_parquet.data)) == table_of(1)
    text = csv.ConvertOptions(column_types={"id": pa.string()})
    assert csv.read_csv(io.BytesIO(as_csv.data), convert_options=text) == table_of(1)
    assert as_json.get_json() == {
        "batch_number": 1,
        "rows": 2,
        "data": table_of(1).to_pylist(),
    }


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, PARQUET),
        ("*/*", PARQUET),
        ("text/csv;q=0.4, application/json;q=0.9", "application/json"),
        ("application/json;q=0.1, text/*", "text/csv"),
        (f"{PARQUET};q=0, */*;q=0.5, text/csv;q=0.1", "application/json"),
        ("text/html, */*;q=0.1", PARQUET),
    ],
)
def test_the_client_gets_the_format_that_it_likes_best(
    client: FlaskClient, accept: str | None, content_type: str
) -> None:
    response = client.get("/batches/1", headers={"Accept": accept} if accept else {})

    assert response.status_code == 200
    assert response.mimetype == content_type
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0"])
def test_a_format_that_is_not_there_is_refused_with_those_that_are(
    client: FlaskClient, accept: str
) -> None:
    response = client.get("/batches/1", headers={"Accept": accept})

    assert response.status_code == 406
    assert PARQUET in str(problem_of(response)["detail"])


def test_what_the_client_has_already_is_not_sent_again(client: FlaskClient) -> None:
    json_only = {"Accept": "application/json"}
    first = client.get("/batches/1", headers=json_only)
    tag = first.headers["ETag"]

    again = client.get("/batches/1", headers=json_only | {"If-None-Match": tag})
    other = client.get("/batches/1", headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert other.status_code == 200, "Parquet is another representation than JSON"


def test_a_batch_that_is_not_released_yet_tells_when_to_come_again(
    client: FlaskClient, clock: Clock
) -> None:
    clock.move(299.5)

    response = client.get("/batches/3")

    assert response.status_code == 404
    assert response.headers["Retry-After"] == "301"
    assert problem_of(response)["type"] == "urn:data-api:problem:not-yet-released"
    clock.move(301)
    assert client.get("/batches/3").status_code == 200


def test_after_the_last_batch_there_is_no_more(client: FlaskClient) -> None:
    response = client.get("/batches/4")

    assert response.status_code == 404
    assert "Retry-After" not in response.headers
    assert problem_of(response)["type"] == "urn:data-api:problem:no-more"


@pytest.mark.parametrize("path", ["/batches/0", "/batches/x", "/batches/-1", "/nowhere"])
def test_what_is_not_there_is_a_problem(client: FlaskClient, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert problem_of(response)["instance"] == path


def test_another_method_is_a_problem_that_names_those_allowed(client: FlaskClient) -> None:
    response = client.post("/batches")

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert problem_of(response)["title"] == "Method Not Allowed"


def test_simple_clients_get_the_current_batch_as_json(
    client: FlaskClient, clock: Clock
) -> None:
    clock.move(300)

    response = client.get("/get_data", headers={"Accept": "text/html"})

    assert response.get_json()["batch_number"] == 2
    assert response.get_json()["data"] == table_of(2).to_pylist()
    clock.move(300)
    later = client.get("/get_data", headers={"If-None-Match": response.headers["ETag"]})
    assert later.get_json()["batch_number"] == 3
    assert "immutable" not in later.headers["Cache-Control"]


def test_before_the_epoch_there_is_no_current_batch(
    client: FlaskClient, clock: Clock
) -> None:
    clock.move(-10)

    response = client.get("/get_data")

    assert response.status_code == 404
    assert response.headers["Retry-After"] == "10"


def test_the_front_page_says_what_this_is(client: FlaskClient) -> None:
    page = client.get("/").get_json()

    (rows,) = page["datasets"]
    assert (rows["name"], rows["batches"]) == ("rows", {"total": 3, "released": 1})
    for link in page["links"].values():
        assert client.get(link).status_code == 200


def test_health_and_metrics_answer(client: FlaskClient) -> None:
    assert client.get("/health").get_json()["status"] == "ok"
    client.get("/nowhere")

    text = client.get("/metrics").text

    assert 'relevo_data_api_requests_total{route="/health",status="200"}' in text
    assert 'relevo_data_api_requests_total{route="none",status="404"}' in text
    assert 'relevo_data_api_released_batches{dataset="rows"} 1.0' in text


def test_a_restart_with_the_same_epoch_goes_on_with_the_plan(
    folder: Path, clock: Clock
) -> None:
    settings = settings_of(folder, data_api_epoch=EPOCH.timestamp())
    clock.move(450)

    before = build_app(settings, clock=clock).test_client().get("/batches").get_json()
    clock.move(100)
    after = build_app(settings, clock=clock).test_client().get("/batches").get_json()

    assert [batch["number"] for batch in before["batches"]] == [1, 2]
    assert after["batches"] == before["batches"]
    assert after["next_due"] == before["next_due"]


def test_a_restart_goes_on_with_the_plan_that_the_state_remembers(
    folder: Path, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = settings_of(folder, data_api_state=tmp_path_factory.mktemp("state"))
    build_app(settings, clock=clock)

    clock.move(450)
    after = build_app(settings, clock=clock).test_client().get("/batches").get_json()

    assert [batch["number"] for batch in after["batches"]] == [1, 2]


def test_a_file_that_is_no_parquet_is_handed_out_as_it_is(
    folder: Path, clock: Clock
) -> None:
    (folder / "batch-1.parquet").write_bytes(b"no table")
    client = build_app(settings_of(folder), clock=clock).test_client()

    (entry,) = client.get("/batches").get_json()["batches"]

    assert entry["rows"] is None
    assert client.get("/batches/1").data == b"no table"
    assert client.get("/get_data").status_code == 500
    assert "cannot be read" in str(problem_of(client.get("/get_data"))["detail"])


def test_a_source_without_batches_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"rows: no \*\.parquet or \*\.csv at"):
        build_app(settings_of(tmp_path))


def test_a_batch_whose_file_has_gone_is_gone_and_the_others_keep_their_numbers(
    client: FlaskClient, folder: Path, clock: Clock
) -> None:
    clock.move(600)
    (folder / "batch-1.parquet").unlink()

    response = client.get("/batches/1")
    listing = client.get("/batches").get_json()

    assert response.status_code == 410
    assert problem_of(response)["type"] == "urn:data-api:problem:gone"
    assert [batch["number"] for batch in listing["batches"]] == [2, 3]


def test_an_error_that_nobody_foresaw_is_a_problem_too(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = build_app(settings_of(folder), clock=clock).test_client()
    monkeypatch.setattr(Plan, "released", lambda *_: 1 / 0)

    response = client.get("/batches/1")

    assert response.status_code == 500
    assert "ZeroDivision" not in str(problem_of(response)), "no internals for strangers"
