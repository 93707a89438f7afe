"""The door: HTTP in, answers of the model in the slot out."""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from inference import metrics
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
from inference.information import Health, Ready
from inference.problems import invalid_row, no_model
from inference.slot import Serving, Slot
from inference.slots import Slots
from relevo_runtime.readiness import Readiness


@dataclass(frozen=True)
class Limits:
    """What a request may be at most."""

    body_bytes: int
    rows: int


def predictions(
    slots: Slots, readiness: Readiness, limits: Limits, *, batches: Executor
) -> APIRouter:
    """Rows in, predictions out. `batches`: the threads for what would hold up the loop."""
    router = APIRouter(tags=["predictions"])
    responses = problem_responses(*BODY_STATUSES)

    @router.post(
        "/predict", response_model=Answer, responses=responses, openapi_extra=ROW_BODY
    )
    async def predict(request: Request) -> Response:
        """One row in, one prediction out."""
        body = await read_body(request, max_bytes=limits.body_bytes)
        row = as_row(parse(body))
        model = serving(slots.default, readiness).model
        answer = model.predict(row)
        if isinstance(answer, list):
            metrics.REFUSED_ROWS.inc()
            raise invalid_row(answer)
        return answer_row(model, answer)

    @router.post(
        "/predict_batch",
        response_model=BatchAnswer,
        responses=responses,
        openapi_extra=BATCH_BODY,
    )
    async def predict_batch(request: Request) -> Response:
        """Many rows in, as rows or as columns; a row that does not fit sinks no other."""
        body = await read_body(request, max_bytes=limits.body_bytes)
        model = serving(slots.default, readiness).model
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(batches, answer_batch, model, body, limits.rows)
        return Response(answer, media_type="application/json")

    return router


def operation(slots: Slots, readiness: Readiness, *, version: str) -> APIRouter:
    """How the pod is. `version`: of relevo."""
    router = APIRouter(tags=["operation"])
    responses = problem_responses(*NO_MODEL)

    @router.get("/health")
    async def health() -> Health:
        """The process lives."""
        serves = slots.default.serving
        return Health(
            model_loaded=serves is not None,
            model_version=serves.model.version if serves else None,
            version=version,
        )

    @router.get("/ready", responses=responses)
    async def ready() -> Ready:
        """The broker was reached, and a proven version answers for every model."""
        for slot in slots:
            serving(slot, readiness)
        return Ready()

    @router.get("/metrics", response_class=PlainTextResponse)
    async def figures() -> Response:
        """All metrics, for Prometheus."""
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    return router


def serving(slot: Slot, readiness: Readiness) -> Serving:
    """What answers now; raises Problem 503 with the reason when nothing does."""
    if slot.serving is None:
        raise no_model(slot.obstacle if readiness.ready else readiness.reason)
    return slot.serving
