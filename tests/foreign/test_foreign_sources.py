"""APIs of strangers feed their datasets to promoted models: by a cursor, and by groups."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pytest
from flask import Flask
from pyarrow import parquet
from werkzeug.serving import make_server

from data_api.sources import SHIPPED
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import declarations
from relevo_storage import open_catalog
from tests.foreign.apis import CursorApi, GroupApi
from tests.pipeline.reaching import until
from tests.pipeline.running import RunningPlatform

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
GENERATION_SECONDS = 20.0


def rows_of(name: str) -> list[dict[str, Any]]:
    """All shipped rows, numbers as numbers, as an API would send them."""
    files = sorted((SHIPPED / name).glob("*.parquet"))
    table = pa.concat_tables(map(parquet.read_table, files))
    return [{key: as_sent(text) for key, text in row.items()} for row in table.to_pylist()]


def as_sent(text: str) -> int | float | str:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def cursor() -> CursorApi:
    return CursorApi(rows_of("pima"), at_once=256)


@pytest.fixture(scope="module")
def group() -> GroupApi:
    rows = [list(row.values()) for row in rows_of("covertype")]
    return GroupApi(rows, batch_rows=2_100, part_rows=1_400, seconds=GENERATION_SECONDS)


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, cursor: CursorApi, group: GroupApi
) -> Iterator[RunningPlatform]:
    """A platform whose two datasets are declared with sources of strangers."""
    folder = tmp_path_factory.mktemp("declared")
    with ExitStack() as stack:
        for name, source in (
            ("pima", ("cursor", f"{stack.enter_context(serving(cursor.app))}/get_data")),
            (
                "covertype",
                ("group", f"{stack.enter_context(serving(group.app))}/data?group_number=3"),
            ),
        ):
            declare(folder, name, *source)
        running = RunningPlatform(
            tmp_path_factory.mktemp("foreign") / "state",
            interval=10,
            datasets=("pima", "covertype"),
            environment={"RELEVO_DATASETS": str(folder)},
        )
        yield running
        running.stop()


def declare(folder: Path, name: str, kind: str, url: str) -> None:
    """The shipped declaration, with another source."""
    shipped = (declarations.SHIPPED / f"{name}.toml").read_text()
    every = GENERATION_SECONDS if kind == "group" else 5
    source = f'[source]\nkind = "{kind}"\nurl = "{url}"\nevery = {every}\n'
    (folder / f"{name}.toml").write_text(f"{shipped}\n{source}")


def test_each_feeds_its_dataset_to_a_promoted_model_that_answers(
    platform: RunningPlatform,
) -> None:
    def models_of(pod: str) -> dict[str, str | None]:
        listed = platform.client.get(f"{pod}/models").json()["models"]
        return {each["model_name"]: each["model_version"] for each in listed}

    def is_served() -> bool:
        told = [models_of(pod) for pod in platform.addresses.inference]
        return all(each.get(name) for each in told for name in ("pima", "covertype"))

    until(
        is_served, seconds=300, what=lambda: f"a model lacks on a pod:\n{platform.told()}"
    )


async def test_what_came_round_was_taken_once_and_parts_are_batches_of_their_own(
    platform: RunningPlatform, cursor: CursorApi
) -> None:
    until(lambda: cursor.calls > 6, seconds=60, what="the cursor has not come round twice")
    async with open_catalog(platform.addresses.catalog) as catalog:
        pima = await catalog.results("pima", Stage.RAW)
        covertype = await catalog.results("covertype", Stage.RAW)

    assert [(r.number, r.rows, r.verdict) for r in pima] == [
        (number, 256, Verdict.ACCEPTED) for number in (1, 2, 3)
    ]
    assert covertype
    assert {r.rows for r in covertype} == {1_400}
    assert len({identity(r) for r in covertype}) == len(covertype)


def identity(result: StageResult) -> str:
    return json.dumps(result.statistics["source_identity"])


def test_nothing_is_told_as_trouble(platform: RunningPlatform) -> None:
    status = platform.relevo("status")

    assert "away" not in status
    assert "refused" not in status
