"""A batch's number belongs to its content, whatever comes, goes and changes around it."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pyarrow import parquet

from data_api.app import build_app
from data_api.settings import Settings

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LATER = EPOCH + timedelta(hours=1)
Start = Callable[..., FlaskClient]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rows").mkdir()
    for word in "bcd":
        put(tmp_path / "rows", word)
    return tmp_path / "rows"


@pytest.fixture
def start(folder: Path) -> Start:
    """start(**settings): a data API whose first look was at EPOCH and that now is LATER."""

    def build(**changes: object) -> FlaskClient:
        settings = Settings.model_validate(
            {
                "data_api_sources": f"rows={folder}",
                "data_api_state": folder.parent / "state",
                "data_api_interval_seconds": 60,
            }
            | changes
        )
        times = iter([EPOCH])
        app = build_app(settings, clock=lambda: next(times, LATER))
        return app.test_client()

    return build


def put(folder: Path, word: str, *, name: str | None = None) -> None:
    parquet.write_table(pa.table({"word": [word]}), folder / f"{name or word}.parquet")


def numbers(client: FlaskClient, route: str = "/batches") -> dict[str, int]:
    """The word that stands in each listed batch, and its number."""
    entries = client.get(route).get_json()["batches"]
    found = {}
    for entry in entries:
        content = client.get(entry["links"]["self"]).data
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        words = parquet.read_table(io.BytesIO(content))["word"].to_pylist()
        found["".join(words)] = entry["number"]
    return found


def test_a_file_that_sorts_first_renumbers_nothing_and_is_seen_at_the_next_listing(
    start: Start, folder: Path
) -> None:
    client = start()
    assert numbers(client) == {"b": 1, "c": 2, "d": 3}

    put(folder, "a")

    assert numbers(client) == {"b": 1, "c": 2, "d": 3, "a": 4}
    assert numbers(start()) == {"b": 1, "c": 2, "d": 3, "a": 4}, "nor does a restart"


def test_a_file_that_joins_later_was_not_released_before(
    start: Start, folder: Path
) -> None:
    client = start()
    put(folder, "a")

    released = [
        batch["released_at"] for batch in client.get("/batches").get_json()["batches"]
    ]

    assert released[2:] == ["2026-01-01T00:02:00.000000Z", "2026-01-01T01:00:00.000000Z"]


def test_files_that_join_together_are_numbered_in_the_order_of_their_names(
    start: Start, folder: Path
) -> None:
    client = start()
    for word in ("z", "e", "a"):
        put(folder, word)

    assert numbers(client) == {"b": 1, "c": 2, "d": 3, "a": 4, "e": 5, "z": 6}


def test_another_name_for_the_same_content_is_the_same_batch(
    start: Start, folder: Path
) -> None:
    client = start()
    (folder / "b.parquet").rename(folder / "x.parquet")
    put(folder, "c", name="copy")

    assert numbers(client) == {"b": 1, "c": 2, "d": 3}


def test_a_changed_file_is_a_new_batch_and_the_old_one_has_gone(
    start: Start, folder: Path
) -> None:
    client = start()
    put(folder, "other", name="c")

    assert numbers(client) == {"b": 1, "d": 3, "other": 4}
    assert client.get("/batches/2").status_code == 410


def test_what_comes_back_has_its_number_again(start: Start, folder: Path) -> None:
    client = start()
    (folder / "c.parquet").unlink()
    assert numbers(client) == {"b": 1, "d": 3}

    put(folder, "c")

    assert numbers(client) == {"b": 1, "c": 2, "d": 3}


def test_a_csv_of_the_folder_is_a_batch_like_the_others(start: Start, folder: Path) -> None:
    (folder / "a.csv").write_text("word\nfrom csv\n")
    client = start()

    assert numbers(client) == {"from csv": 1, "b": 2, "c": 3, "d": 4}
    as_csv = client.get("/batches/1", headers={"Accept": "text/csv"})
    assert as_csv.text == "word\r\nfrom csv\r\n"


def test_a_file_is_cut_and_one_that_grows_keeps_its_full_batches(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "words.csv"
    file.write_text("word\na\nb\nc\nd\ne\n")
    client = start(data_api_sources=f"rows={file}:2")
    assert numbers(client) == {"ab": 1, "cd": 2, "e": 3}

    file.write_text("word\na\nb\nc\nd\ne\nf\ng\n")

    assert numbers(client) == {"ab": 1, "cd": 2, "ef": 4, "g": 5}
    kept = list((tmp_path / "state" / "rows").iterdir())
    assert len(kept) == 4, "of the old cut nothing is left"


def test_a_csv_that_is_no_table_is_handed_out_as_it_is(
    start: Start, tmp_path: Path
) -> None:
    file = tmp_path / "words.csv"
    file.write_text("word\na\nb,too many\n")
    client = start(data_api_sources=f"rows={file}:1")

    (entry,) = client.get("/batches").get_json()["batches"]

    assert entry["rows"] is None
    assert client.get("/batches/1").data == file.read_bytes()


def test_only_what_has_changed_is_read_again(
    start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = start()
    read: list[str] = []
    monkeypatch.setattr("data_api.dataset.whole", lambda path: read.append(path.name))

    client.get("/batches")
    assert read == []
    put(folder, "a")
    client.get("/batches")

    assert read == ["a.parquet"]


def test_several_datasets_are_handed_out_each_by_its_own_plan(
    start: Start, folder: Path
) -> None:
    client = start(
        relevo_dataset="pima,rows",
        data_api_epoch=(LATER - timedelta(seconds=61)).timestamp(),
    )

    listed = client.get("/datasets").get_json()["datasets"]
    assert [(each["name"], each["batches"]) for each in listed] == [
        ("pima", {"total": 3, "released": 2}),
        ("rows", {"total": 3, "released": 2}),
    ]
    assert numbers(client, listed[1]["links"]["batches"]) == {"b": 1, "c": 2}
    assert client.get("/batches").get_json()["batches"][0]["rows"] == 256
    assert "Glucose" in client.get("/get_data").get_json()["data"][0]
    put(folder, "e")
    after = {
        each["name"]: each["batches"]
        for each in client.get("/datasets").get_json()["datasets"]
    }
    assert (after["pima"]["total"], after["rows"]["total"]) == (3, 4)


def test_a_dataset_that_joins_at_a_restart_begins_its_own_plan(
    start: Start, folder: Path
) -> None:
    start()
    settings = Settings(
        data_api_sources=f"rows={folder}",
        relevo_dataset="rows,pima",
        data_api_state=folder.parent / "state",
        data_api_interval_seconds=60,
    )
    client = build_app(settings, clock=lambda: LATER).test_client()

    released = [
        each["batches"]["released"]
        for each in client.get("/datasets").get_json()["datasets"]
    ]

    assert released == [3, 1]


@pytest.mark.parametrize(
    "route", ["/datasets/nosuch/batches", "/datasets/nosuch/batches/1"]
)
def test_a_dataset_that_is_not_there_is_a_problem_that_names_those_that_are(
    start: Start, route: str
) -> None:
    response = start(relevo_dataset="rows,nosuch").get(route)

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["type"] == "urn:data-api:problem:no-such-dataset"
    assert "there is: rows" in problem["detail"]


def test_without_any_rows_it_still_answers_and_has_nothing(tmp_path: Path) -> None:
    settings = Settings(relevo_dataset="elsewhere")
    client = build_app(settings).test_client()

    assert client.get("/datasets").get_json() == {"datasets": []}
    assert client.get("/batches").status_code == 404


def test_a_state_that_cannot_be_read_ends_the_start_and_is_named(
    start: Start, folder: Path
) -> None:
    (folder.parent / "state").mkdir()
    (folder.parent / "state" / "rows.json").write_text("[]")

    with pytest.raises(ValueError, match=r"rows\.json is no ledger"):
        start()
