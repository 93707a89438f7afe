"""KServe's protocol v1: rows as instances, answered as /predict_batch says them."""

from functools import partial

import msgspec
from fastapi import APIRouter, Request, Response

from inference.door.answers import columns_of, encode, headers_of, lines
from inference.duty.predicting import ServingModel
from inference.peers.desk import Desk, predict_all
from inference.peers.documentation import (
    ASKED,
    ASKED_OF_MODEL,
    SENT,
    described_body,
    refusals,
)
from inference.peers.forms import Instances, ModelReady, PeerError, V1Answers, V1Models
from inference.tables.bodies import Limits, unfit
from inference.tables.envelopes import open_envelope
from inference.tables.formats import Format, format_of
from inference.tables.json_tables import read_json


class Sent(msgspec.Struct, frozen=True):
    """The JSON of a request."""

    instances: msgspec.Raw


def kserve_routes(desk: Desk) -> APIRouter:
    """The protocol's routes."""
    router = APIRouter(prefix="/v1/models", tags=["KServe v1"])

    @router.get("", responses=refusals(PeerError, ASKED))
    async def v1_models() -> V1Models:
        """The models that this pod answers for, the default first."""
        return V1Models(models=list(desk.slots.names))

    @router.get("/{name}", responses=refusals(PeerError, ASKED_OF_MODEL))
    async def v1_model(request: Request, name: str) -> ModelReady:
        """A proven version of the model answers."""
        return ModelReady(name=desk.model(request, name).name, ready=True)

    @router.post(
        "/{name}:predict",
        response_model=V1Answers,
        responses=refusals(PeerError, SENT),
        openapi_extra=described_body(Instances, "all rows are answered, or none"),
    )
    async def v1_predict(request: Request, name: str) -> Response:
        """Rows in, answers out; all rows are answered, or none."""
        format_of(request.headers.get("content-type", ""), Format.JSON)
        return await desk.answer(request, name, partial(predict, limits=desk.limits))

    return router


def predict(model: ServingModel, body: bytes, *, limits: Limits) -> Response:
    """The answer to a body; raises Problem when it is none, or a row does not fit."""
    rows = bytes(open_envelope(body, Sent).instances)
    if not rows.startswith(b"["):
        raise unfit("instances is an array of rows")
    most = limits.rows
    answers = predict_all(model, lambda check: read_json(rows, max_rows=most, check=check))
    columns = columns_of(model, answers)
    del columns["row"]  # all are answered, in their order
    told = encode({"predictions": lines(columns)})
    return Response(told, media_type=Format.JSON, headers=headers_of(model, answers))
