"""Many rows of the page `Predict`: on to a pod as they come, and its answers back."""

from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse

from console.asking.parquet import ParquetFiles, Unreadable
from console.asking.pods import Model, Pods, Silence
from console.pages.guards import Guard
from console.pages.problems import problem

PASSED_ON = ("content-type", "content-length", "content-encoding")
TOLD = ("content-type", "x-relevo-model-version", "x-relevo-unseen")


def routes(pods: Pods, guard: Guard) -> APIRouter:
    """What the page's script sends files and pasted rows to."""
    router = APIRouter()
    files = ParquetFiles()

    @router.post("/predict/{name}/rows")
    async def rows(request: Request, name: str) -> Response:
        try:
            guard.check(request)
            model, url = await pods.model(name)
            return await pass_on(pods, request, model, url)
        except HTTPException as refusal:
            return problem(refusal.status_code, str(refusal.detail))
        except Silence as silence:
            return problem(503, f"{silence}; send it again when a pod answers")

    @router.post("/rows-of-parquet")
    async def parquet(request: Request) -> Response:
        try:
            guard.check(request)
            rows = await files.as_csv(request.stream())
            return StreamingResponse(rows, media_type="text/csv; charset=utf-8")
        except HTTPException as refusal:
            return problem(refusal.status_code, str(refusal.detail))
        except Unreadable as error:
            return problem(error.status, str(error))

    return router


async def pass_on(pods: Pods, request: Request, model: Model, url: str) -> Response:
    """Rows on to a pod and its answers back, both as they come: nothing is held here."""
    headers = {k: request.headers[k] for k in PASSED_ON if k in request.headers}
    body = Body(request)
    try:
        answer = await pods.predict_rows(model.model_name, url, body.chunks(), headers)
    except Silence:
        # a pod that has read enough says 413 and hangs up, which we may hear first
        if body.is_whole:
            raise
        return problem(413, f"{url} hung up before it had all rows: they may be too many")

    async def chunks() -> AsyncIterator[bytes]:
        try:
            async for chunk in answer.aiter_bytes():
                yield chunk
        finally:
            await answer.aclose()

    told = {k: answer.headers[k] for k in TOLD if k in answer.headers}
    told["x-relevo-pod"] = quote(model.pod)
    return StreamingResponse(
        chunks(),
        status_code=answer.status_code,
        headers=told | {"cache-control": "no-store", "x-accel-buffering": "no"},
    )


class Body:
    """What a browser sends, as it comes; `is_whole` once all of it went on."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.is_whole = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Ends early where the browser goes away."""
        with suppress(ClientDisconnect):
            async for chunk in self._request.stream():
                yield chunk
            self.is_whole = True
