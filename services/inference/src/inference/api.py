"""The door: HTTP in, answers of the model in the slot out."""

import asyncio
from concurrent.futures import Executor
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inference.answers import answer_batch, answer_row
from inference.bodies import as_row, parse, read_body
from inference.documentation import (
    BATCH_BODY,
    BODY_STATUSES,
    NO_MODEL,
    ROW_BODY,
    problem_responses,
)
from inference.forms import Answer, BatchAnswer
from inference.information import Health, ModelInfo, Ready, model_info
from inference.problems import invalid_row, no_model
from inference.slot import Serving, Slot
from relevo_runtime.readiness import Readiness


def build_router(
    slot: Slot,
    readiness: Readiness,
    *,
    version: str,
    max_bytes: int,
    max_rows: int,
    batches: Executor,
) -> APIRouter:
    """All routes. `batches`: the threads for batches, which would hold up the loop."""
    router = APIRouter()

    def serving() -> Serving:
        if slot.serving is None:
            raise no_model(readiness.reason)
        return slot.serving

    @router.post(
        "/predict",
        response_model=Answer,
        responses=problem_responses(*BODY_STATUSES),
        openapi_extra=ROW_BODY,
    )
    async def predict(request: Request) -> Response:
        """One row in, one prediction out."""
        row = as_row(parse(await read_body(request, max_bytes=max_bytes)))
        model = serving().model
        answer = model.predict(row)
        if isinstance(answer, list):
            raise invalid_row(answer)
        return answer_row(model, answer)

    @router.post(
        "/predict_batch",
        response_model=BatchAnswer,
        responses=problem_responses(*BODY_STATUSES),
        openapi_extra=BATCH_BODY,
    )
    async def predict_batch(request: Request) -> Response:
        """Many rows in, as rows or as columns; a row that does not fit sinks no other."""
        body = await read_body(request, max_bytes=max_bytes)
        model = serving().model
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(batches, answer_batch, model, body, max_rows)
        return Response(answer, media_type="application/json")

    @router.get("/health")
    async def health() -> Health:
        """The process lives."""
        version_served = slot.serving.model.version if slot.serving else None
        return Health(
            model_loaded=slot.serving is not None,
            model_version=version_served,
            version=version,
        )

    @router.get("/ready", responses=problem_responses(*NO_MODEL))
    async def ready() -> Ready:
        """A proven model answers."""
        serving()
        return Ready()

    @router.get("/model-info", responses=problem_responses(*NO_MODEL))
    async def info() -> ModelInfo:
        """The model that answers: what it takes, how good it is, whence it came."""
        return model_info(slot, serving())

    @router.get("/metrics", response_class=Response, status_code=HTTPStatus.OK)
    async def figures() -> Response:
        """All metrics, for Prometheus."""
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return router
