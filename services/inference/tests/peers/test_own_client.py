"""relevo_client, and each example of its README, against a pod."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import relevo_client
from relevo_client import AsyncClient, ProblemError

Row = dict[str, Any]
Serve = Callable[..., Any]
README = Path(relevo_client.__file__).parents[2] / "README.md"
PAGE = README.parents[2] / "docs" / "clients.md"
Run = Callable[[Path], Awaitable[str]]


@pytest.fixture
def rows(example: Row, serve: Serve) -> list[Row]:
    """Of a model that serves; the second does not fit."""
    serve()
    return [example, example | {"insulin": "Sideways"}, example | {"number_inpatient": 3}]


async def test_rows_a_table_a_frame_and_files_are_answered_alike(
    address: str, rows: list[Row], tmp_path: Path
) -> None:
    frame = pd.DataFrame(rows)
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "rows.parquet")
    async with AsyncClient(f"http://{address}") as pod:
        first, third = await pod.predict(rows[0]), await pod.predict(rows[2])
        table = await pod.predict_table(pa.Table.from_pandas(frame))
        tables = [table.to_pandas(), await pod.predict_frame(frame)]
        files = [
            await pod.predict_file(tmp_path / f"rows.{kind}")
            for kind in ("csv", "jsonl", "parquet")
        ]
        many = [await pod.predict_rows(rows), *files]

    expected = [first["probability"], third["probability"]]
    for answers in many:
        assert [each["probability"] for each in answers.predictions] == expected
        assert [each["row"] for each in answers.errors] == [1]
        assert answers.model_version == "1"
    for answered in tables:
        assert answered["probability"].dropna().tolist() == expected
        assert answered["error"].isna().tolist() == [True, False, True]
        assert answered["insulin"].tolist() == [row["insulin"] for row in rows]


async def test_answers_are_joined_back_by_the_column_that_names_the_rows(
    address: str, rows: list[Row]
) -> None:
    frame = pd.DataFrame(rows).assign(visit=["c", "a", "b"])
    async with AsyncClient(f"http://{address}") as pod:
        answered = await pod.predict_frame(frame, id="visit")
        named = await pod.predict_rows(row | {"id": n} for n, row in enumerate(rows))

    assert answered["visit"].tolist() == ["c", "a", "b"]
    assert answered["prediction"].isna().tolist() == [False, True, False]
    assert sorted(named.by_id) == [0, 2]


async def test_strict_refuses_all_and_a_model_is_named(
    address: str, rows: list[Row]
) -> None:
    async with AsyncClient(f"http://{address}", model="diabetes130") as pod:
        assert (await pod.model_info())["model_name"] == "diabetes130"
        assert [each["model_name"] for each in await pod.models()] == ["diabetes130"]
        with pytest.raises(ProblemError, match=r"422 .*row 1: `insulin`") as refused:
            await pod.predict_frame(pd.DataFrame(rows), strict=True)

    assert refused.value.errors[0]["row"] == 1


@pytest.fixture
def run(
    address: str,
    rows: list[Row],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the examples of a page, one after the other; what they print."""
    monkeypatch.chdir(tmp_path)
    host, port = address.split(":")

    async def call(page: Path) -> str:
        text = await asyncio.to_thread(page.read_text)
        examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        assert len(examples) == 3
        code = "\n".join(examples).replace(f"{host}:8000", address)
        code = code.replace(f'"{host}", 8000', f'"{host}", {port}')
        await asyncio.to_thread(exec, code, {})
        return capsys.readouterr().out

    return call


async def test_the_readme_s_examples_run(run: Run) -> None:
    told = await run(README)

    assert "422 Unprocessable" in told
    assert "No, Steady, Up" in told
    assert told.count("is none of its words") == 3


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType")
async def test_the_page_s_examples_of_other_clients_run(run: Run) -> None:
    own, triton, frame = (await run(PAGE)).strip().split("\n", 2)

    assert triton.startswith(f"[1] [{own[:8]}")
    assert own[:7] in frame
