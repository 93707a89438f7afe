"""The page Data: what is asked in SQL is answered by a program apart, which may die."""

import asyncio
import io
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pyarrow import parquet
from starlette.requests import Request
from starlette.types import Message

from console.pages import data
from console.pages.guards import HEADER, Guard
from console.pages.shell import Frame, Shell
from console.querying.desk import MOST, Desk, Unanswered
from console.querying.questions import Opening

pytestmark = pytest.mark.slow

FOREVER = "SELECT count(*) FROM range(1000000000000)"
PROGRAM = str(Path(__file__).parent / "querying_program.py")
OPENING = Opening(
    catalog_url="", endpoint_url="", access_key="", secret_key="", bucket="", datasets=()
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk(OPENING, program=(PROGRAM, str(tmp_path)), wait=0.5) as desk:
        yield desk


@pytest.fixture
async def page(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has opened the page."""
    app, guard = FastAPI(), Guard(base="/relevo")
    app.include_router(data.routes(Shell("/relevo"), desk, guard, ["my-set"]))
    app.add_middleware(Frame, base="/relevo")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://console/relevo", timeout=30
    ) as client:
        await client.get("/data")
        client.headers[HEADER] = client.cookies["relevo_csrf"]
        yield client


async def ask(page: httpx.AsyncClient, sql: str, form: str = "table") -> httpx.Response:
    return await page.post("/data/answers", json={"sql": sql, "form": form})


async def table(desk: Desk, sql: str) -> list[list[object]]:
    with await desk.ask(sql) as file:
        rows: list[list[object]] = json.load(file)["rows"]
        return rows


async def test_a_statement_is_answered_with_columns_types_and_the_first_rows(
    page: httpx.AsyncClient,
) -> None:
    answer = (
        await ask(page, "SELECT i, i * 2.5 AS d, 'NaN'::DOUBLE AS n FROM range(1001) t(i)")
    ).json()

    assert answer["columns"][0] == {"name": "i", "type": "BIGINT"}
    assert answer["rows"][2] == [2, 5, "nan"]
    assert (len(answer["rows"]), answer["truncated"]) == (1_000, True)


async def test_what_a_browser_would_round_comes_as_text(page: httpx.AsyncClient) -> None:
    answer = await ask(page, f"SELECT {2**53 + 1}, {2**53}")

    assert answer.json()["rows"] == [[str(2**53 + 1), 2**53]]


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
async def test_a_file_has_all_rows(page: httpx.AsyncClient, form: str) -> None:
    answer = await ask(page, "SELECT i FROM range(25000) t(i)", form)

    if form == "parquet":
        assert parquet.read_table(io.BytesIO(answer.content)).num_rows == 25_000
    else:
        assert answer.text.count("\n") == {"csv": 25_001, "json": 25_002}[form]
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_the_browser_of_views_writes_names_as_statements_need_them(
    page: httpx.AsyncClient,
) -> None:
    known = (await page.get("/data/known")).json()
    [clean] = [
        view
        for view in known["views"]
        if (view["schema"], view["name"]) == ("my-set", "clean")
    ]

    assert clean["insert_schema"] == '"my-set"'
    assert {"name": "group", "type": "VARCHAR", "insert": '"group"'} in clean["columns"]
    assert len(known["examples"]) == 10


async def test_a_statement_that_cannot_be_is_refused_in_a_sentence(
    page: httpx.AsyncClient,
) -> None:
    wrong = await ask(page, "DROP TABLE clean")

    assert wrong.status_code == 400
    assert wrong.json()["detail"].startswith("the data is read only")


async def test_only_a_page_of_the_console_may_ask(page: httpx.AsyncClient) -> None:
    page.headers[HEADER] = "x"

    assert (await ask(page, "SELECT 1")).status_code == 403


async def test_whoever_leaves_ends_the_statement_and_the_next_is_answered(
    desk: Desk,
) -> None:
    await table(desk, "SELECT 1")
    [program] = desk._all
    asking = asyncio.create_task(desk.ask(FOREVER))
    await asyncio.sleep(0)

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert program.is_over
    assert await table(desk, "SELECT 42") == [[42]]


async def test_a_browser_that_hangs_up_waits_no_more(desk: Desk) -> None:
    async def hung_up() -> Message:
        return {"type": "http.disconnect"}

    request = Request({"type": "http"}, hung_up)

    answer = await data.answered(request, desk, data.Asked(sql=FOREVER))

    assert answer.status_code == 204
    assert await table(desk, "SELECT 42") == [[42]]


async def test_more_than_run_at_once_are_told_to_come_again(desk: Desk) -> None:
    asking = [asyncio.create_task(desk.ask(FOREVER)) for _ in range(MOST)]
    await asyncio.sleep(0)

    with pytest.raises(Unanswered, match="busy with 2 statements") as refusal:
        await desk.ask("SELECT 1")

    assert refusal.value.status == 503
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_program_that_died_is_told_and_the_next_question_starts_a_new_one(
    desk: Desk,
) -> None:
    await table(desk, "SELECT 1")
    [program] = desk._all
    asking = asyncio.create_task(desk.ask(FOREVER))
    await asyncio.sleep(0)
    program.kill()

    with pytest.raises(Unanswered, match=r"has ended \(signal 9\).*starts a new one"):
        await asking

    assert await table(desk, "SELECT 42") == [[42]]


async def test_an_idle_program_ends(tmp_path: Path) -> None:
    async with Desk(OPENING, program=(PROGRAM, str(tmp_path)), idle=0.1) as desk:
        await table(desk, "SELECT 1")
        [program] = desk._all

        await asyncio.wait_for(program.ended(), 10)

        assert not desk._all


def test_the_console_itself_holds_neither_duckdb_nor_arrow_nor_an_s3_client() -> None:
    code = (
        "import console.app, sys; print(*{'duckdb', 'pyarrow', 'minio'} & {*sys.modules})"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert said.stdout.split() == []


async def test_the_question_of_a_link_stands_in_the_editor_and_does_not_run(
    page: httpx.AsyncClient, desk: Desk
) -> None:
    html = (await page.get("/data", params={"sql": "SELECT '</textarea><b>'"})).text

    assert "SELECT &#39;&lt;/textarea&gt;&lt;b&gt;&#39;</textarea>" in html
    assert not desk._all
