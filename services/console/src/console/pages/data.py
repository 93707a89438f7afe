"""The page `Data`: SQL on every stage, its answer as table, chart or file."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from http import HTTPStatus
from typing import IO, Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from console.pages.guards import Guard
from console.pages.problems import problem
from console.pages.shell import Shell
from console.querying.desk import Desk, Unanswered
from console.querying.questions import FILE_SECONDS, TABLE_SECONDS, Form

FIRST = "FROM batches ORDER BY batch_number"
LONGEST = 20_000
CHUNK = 2**16
AGAIN = {"retry-after": "5"}
TYPES: dict[Form, str] = {
    "table": "application/json",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


class Asked(BaseModel):
    """What the page's script sends."""

    model_config = ConfigDict(extra="forbid")

    sql: str = Field(max_length=LONGEST)
    dataset: str = Field("", max_length=200)
    form: Form = "table"


def routes(shell: Shell, desk: Desk, guard: Guard, datasets: Iterable[str]) -> APIRouter:
    """The page, what there is to be asked, and answers."""
    router = APIRouter()

    @router.get("/data", response_class=HTMLResponse)
    async def data(
        request: Request,
        sql: Annotated[str, Query(max_length=LONGEST)] = FIRST,
        dataset: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        return guard.page(
            shell,
            request,
            "data.html",
            key="data",
            sql=sql,
            dataset=dataset,
            datasets=list(datasets),
            longest=LONGEST,
            seconds={"table": TABLE_SECONDS, "file": FILE_SECONDS},
        )

    @router.get("/data/known")
    async def known(request: Request) -> Response:
        return await answered(request, desk, None)

    @router.post("/data/answers")
    async def answers(request: Request, asked: Asked) -> Response:
        try:
            guard.check(request)
        except HTTPException as refusal:
            return problem(refusal.status_code, str(refusal.detail))
        return await answered(request, desk, asked)

    return router


async def answered(request: Request, desk: Desk, asked: Asked | None) -> Response:
    """The answer as it was written; nothing when the person left before it came."""
    question = (asked.sql, asked.dataset, asked.form) if asked else (None,)
    asking = asyncio.create_task(desk.ask(*question))
    leaving = asyncio.create_task(left(request))
    try:
        await asyncio.wait({asking, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return streamed(await asking, TYPES[asked.form if asked else "table"])
    except Unanswered as reason:
        is_busy = reason.status == HTTPStatus.SERVICE_UNAVAILABLE
        return problem(reason.status, str(reason), AGAIN if is_busy else None)
    finally:
        leaving.cancel()
        asking.cancel()


async def left(request: Request) -> None:
    """Returns when the browser has hung up; its whole request was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def streamed(file: IO[bytes], media_type: str) -> Response:
    """A file piece by piece: an answer is never whole in the console's memory."""

    async def chunks() -> AsyncIterator[bytes]:
        with file:
            while chunk := file.read(CHUNK):
                yield chunk

    length = str(os.fstat(file.fileno()).st_size)
    headers = {"content-length": length, "cache-control": "no-store"}
    return StreamingResponse(chunks(), media_type=media_type, headers=headers)
