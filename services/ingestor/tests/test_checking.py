"""A source is asked once, and nothing is kept: what would be taken, or why nothing."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from data_api.app import build_app
from data_api.settings import Settings
from ingestor import checking
from ingestor.fakes import NearReader
from ingestor.reading.accepting import Limits
from ingestor.settings import SourceSettings
from ingestor.sources import files
from relevo_datasets import Source, dataset_named
from tests.foreign.apis import CursorApi

Serve = Callable[..., AbstractContextManager[str]]
PIMA = dataset_named("pima")


@pytest.fixture(autouse=True)
def _near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader starts for seconds, and is tested by itself."""

    class Opened(NearReader):
        async def __aenter__(self) -> NearReader:
            return self

        async def __aexit__(self, *_: object) -> None: ...

    def opened(limits: Limits, **_: object) -> Opened:
        return Opened(limits)

    monkeypatch.setattr(checking, "open_reader", opened)
    monkeypatch.setattr(checking, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(files, "SETTLED_SECONDS", 0.01)


@pytest.fixture
def address(serve: Serve) -> Iterator[str]:
    with serve(build_app(Settings(relevo_dataset=("pima",)))) as address:
        yield address


async def test_a_batch_that_would_be_taken_is_told_with_its_rows(address: str) -> None:
    found = await checking.check(PIMA, SourceSettings(data_api_url=address))

    assert (found.verdict, found.rows, found.identity) == ("accepted", 256, "1")
    assert found.columns == PIMA.raw_columns
    assert found.warning == ""


async def test_a_cursor_warns_that_asking_moves_it(serve: Serve) -> None:
    api = CursorApi([{"Age": 3}], at_once=1)
    with serve(api.app) as address:
        source = Source(kind="cursor", url=f"{address}/get_data")
        found = await checking.check(replace(PIMA, source=source), SourceSettings())

    assert api.calls == 1
    assert found.verdict == "refused"
    assert found.text.startswith("not a table of pima: missing columns")
    assert "moved the cursor" in found.warning


async def test_a_folder_is_looked_at_until_a_file_is_whole(tmp_path: Path) -> None:
    source = Source(kind="folder", path=tmp_path)
    empty = await checking.check(replace(PIMA, source=source), SourceSettings())
    rows = {name: ["1", "2"] for name in PIMA.raw_columns}
    parquet.write_table(pa.table(rows), tmp_path / "a.parquet")

    found = await checking.check(replace(PIMA, source=source), SourceSettings())

    assert (empty.verdict, found.verdict, found.rows) == ("nothing", "accepted", 2)


async def test_what_is_away_strange_or_nowhere_is_told_apart(serve: Serve) -> None:
    api = CursorApi([], at_once=1)
    api.app.view_functions["get_data"] = lambda: json.dumps({"detail": "log in"})
    with serve(api.app) as address:
        url = f"{address}/get_data"
        strange = await asked(Source(kind="cursor", url=url))
    away = await asked(Source(kind="cursor", url=url))
    nowhere = await asked(Source())

    assert [each.verdict for each in (strange, away, nowhere)] == [
        *("strange", "away", "nowhere"),
    ]
    assert "log in" in strange.text
    assert "set DATA_API_URL" in nowhere.text


async def asked(source: Source) -> checking.Check:
    return await checking.check(replace(PIMA, source=source), SourceSettings())
