"""The door's routes for predictions: rows in, answers of the model in a slot out."""

import asyncio
from concurrent.futures import Executor
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from inference import metrics
from inference.door.answers import answer_row
from inference.door.api import serving
from inference.door.batches import Batch, answer_batch
from inference.door.documentation import (
    BATCH_ANSWER,
    BATCH_BODY,
    BATCH_STATUSES,
    ROW_BODY,
    ROW_STATUSES,
    UNSEEN_HEADER,
    problem_responses,
)
from inference.door.forms import Answer, BatchAnswer
from inference.door.model_routes import find
from inference.door.row_schemas import Schema
from inference.duty.slots import Slots
from inference.tables.bodies import Limits, as_row, parse, read_body
from inference.tables.formats import Format, format_of, preferred
from inference.tables.problems import invalid_row
from relevo_runtime.http.readiness import Readiness

ModelName = Annotated[
    str | None, Query(description="which model answers; else the first one of the pod")
]
Strict = Annotated[bool, Query(description="true: a row that does not fit refuses all")]


def prediction_routes(
    slots: Slots, readiness: Readiness, limits: Limits, *, batches: Executor
) -> APIRouter:
    """Rows in, predictions out. `batches`: the threads for what would hold up the loop."""
    router = APIRouter(tags=["predictions"])
    of_one_row: Schema = {
        "response_model": Answer,
        "responses": problem_responses(*ROW_STATUSES) | {200: UNSEEN_HEADER},
        "openapi_extra": ROW_BODY,
    }
    batch_responses = problem_responses(*BATCH_STATUSES) | {200: BATCH_ANSWER}

    async def predict_by(request: Request, name: str | None) -> Response:
        slot = find(request, slots, name)
        format_of(request.headers.get("content-type", ""), Format.JSON)
        row = as_row(parse(await read_body(request, limits.of_one_row)))
        model = serving(slot, readiness).model
        answer = model.predict(row)
        if isinstance(answer, list):
            metrics.REFUSED_ROWS.labels(model.name).inc()
            raise invalid_row(answer)
        return answer_row(model, answer)

    @router.post("/predict", **of_one_row)
    async def predict(request: Request, model_name: ModelName = None) -> Response:
        """One row in, one prediction out."""
        return await predict_by(request, model_name)

    @router.post("/models/{name}/predict", **of_one_row)
    async def predict_by_model(request: Request, name: str) -> Response:
        """One row in, one prediction of that model out."""
        return await predict_by(request, name)

    @router.post(
        "/predict_batch",
        response_model=BatchAnswer,
        responses=batch_responses,
        openapi_extra=BATCH_BODY,
    )
    async def predict_batch(
        request: Request, strict: Strict = False, model_name: ModelName = None
    ) -> Response:
        """Many rows in, as JSON rows or columns, CSV or an Arrow stream.

        A row that does not fit sinks no other. `Accept` chooses the form of the answer.
        """
        slot = find(request, slots, model_name)
        form = format_of(request.headers.get("content-type", ""), *Format)
        wanted = preferred(request.headers.get("accept", ""))
        body = await read_body(request, limits)
        batch = Batch(body, form=form, wanted=wanted, strict=strict)
        model = serving(slot, readiness).model
        answer = partial(answer_batch, model, batch, max_rows=limits.rows)
        return await asyncio.get_running_loop().run_in_executor(batches, answer)

    return router
