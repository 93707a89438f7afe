"""The door's routes for predictions: rows in, answers of the model in a slot out."""

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
from inference.door.overload import visit_of
from inference.door.row_schemas import Schema
from inference.door.turns import Turns
from inference.duty.slots import Slots
from inference.tables.bodies import Limits, as_row, parse, read_body
from inference.tables.formats import MULTIPART, Format, format_of, media_type, preferred
from inference.tables.problems import invalid_row
from inference.tables.uploads import read_upload
from relevo_runtime.http.readiness import Readiness

ModelName = Annotated[
    str | None, Query(description="which model answers; else the first one of the pod")
]
Strict = Annotated[bool, Query(description="true: a row that does not fit refuses all")]


def prediction_routes(
    slots: Slots, readiness: Readiness, limits: Limits, *, batches: Turns
) -> APIRouter:
    """Rows in, predictions out. `batches`: their turns, off the loop."""
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
        take = visit_of(request).take
        row = as_row(parse(await read_body(request, limits.of_one_row, take)))
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
        """Many rows in: JSON (rows, columns, lines), CSV, Arrow, Parquet, a form's file.

        A row that does not fit sinks no other. `Accept` chooses the form of the answer.
        """
        slot = find(request, slots, model_name)
        batch = await read_batch(request, limits, strict=strict)
        model = serving(slot, readiness).model
        work = partial(answer_batch, model, batch, limits=limits)
        return await batches.run(work, visit_of(request))

    return router


async def read_batch(request: Request, limits: Limits, *, strict: bool) -> Batch:
    """What was sent, and how it is to be answered; raises Problem as soon as it is none."""
    kind = request.headers.get("content-type", "")
    is_upload = media_type(kind) == MULTIPART
    form = Format.JSON if is_upload else format_of(kind, *Format)
    wanted = preferred(request.headers.get("accept", ""))
    body = await read_body(request, limits, visit_of(request).take)
    if is_upload:
        body, form = read_upload(body, kind)
    return Batch(body, form=form, wanted=wanted, strict=strict)
