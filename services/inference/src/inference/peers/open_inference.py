"""The Open Inference Protocol v2 over REST, as Triton and KServe speak it: its routes."""

from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from inference.peers.desk import Desk
from inference.peers.documentation import (
    ASKED,
    ASKED_OF_MODEL,
    SENT,
    described_body,
    refusals,
)
from inference.peers.forms import (
    InferenceRequest,
    InferenceResponse,
    Live,
    ModelMetadata,
    ModelReady,
    PeerError,
    ServerMetadata,
    ServerReady,
)
from inference.peers.inferring import JSON_BYTES, OCTETS, infer, metadata, of_version
from inference.tables.formats import Format, format_of, media_type
from inference.tables.problems import Problem

EXTENSION = "binary_tensor_data"


def open_inference_routes(desk: Desk, *, version: str) -> APIRouter:
    """The protocol's routes. `version`: of relevo."""
    router = APIRouter(prefix="/v2", tags=["Open Inference Protocol v2"])
    asked = refusals(PeerError, ASKED)

    @router.get("", responses=asked)
    async def v2_server() -> ServerMetadata:
        """Which server this is, and what it can beyond the protocol."""
        return ServerMetadata(name="relevo", version=version, extensions=[EXTENSION])

    @router.get("/health/live", responses=asked)
    async def v2_live() -> Live:
        """The process lives."""
        return Live(live=True)

    @router.get("/health/ready", responses=asked)
    async def v2_ready(request: Request) -> ServerReady:
        """The broker was reached, and a proven version of the default model answers."""
        desk.is_ready(request)
        return ServerReady(ready=True)

    _model_routes(router, desk)
    return router


def _model_routes(router: APIRouter, desk: Desk) -> None:
    path, version_path = "/models/{name}", "/models/{name}/versions/{number}"
    asked = refusals(PeerError, ASKED_OF_MODEL)
    sent: dict[str, Any] = {
        "response_model": InferenceResponse,
        "responses": refusals(PeerError, SENT),
        "openapi_extra": described_body(
            InferenceRequest, f"or binary tensors after it ({OCTETS})"
        ),
    }

    @router.get(path, responses=asked)
    async def v2_model(request: Request, name: str) -> ModelMetadata:
        """What a model takes and answers."""
        return metadata(desk.model(request, name))

    @router.get(version_path, responses=asked)
    async def v2_version(request: Request, name: str, number: str) -> ModelMetadata:
        """The same, if this version answers."""
        return metadata(of_version(desk.model(request, name), number))

    @router.get(f"{path}/ready", responses=asked)
    async def v2_model_ready(request: Request, name: str) -> ModelReady:
        """A proven version of the model answers."""
        return ModelReady(name=desk.model(request, name).name, ready=True)

    @router.get(f"{version_path}/ready", responses=asked)
    async def v2_version_ready(request: Request, name: str, number: str) -> ModelReady:
        """This version answers."""
        of_version(desk.model(request, name), number)
        return ModelReady(name=name, ready=True)

    async def infer_by(request: Request, name: str, number: str | None) -> Response:
        work = partial(
            infer, json_bytes=_json_bytes(request), number=number, limits=desk.limits
        )
        return await desk.answer(request, name, work)

    @router.post(f"{path}/infer", **sent)
    async def v2_infer(request: Request, name: str) -> Response:
        """Rows in, a tensor per feature; tensors out. All rows are answered, or none."""
        return await infer_by(request, name, None)

    @router.post(f"{version_path}/infer", **sent)
    async def v2_infer_version(request: Request, name: str, number: str) -> Response:
        """The same by this version, if it answers."""
        return await infer_by(request, name, number)


def _json_bytes(request: Request) -> int | None:
    """So many bytes of the body are JSON; None: all. Raises Problem 400 or 415."""
    told = request.headers.get(JSON_BYTES)
    kind = request.headers.get("content-type", "")
    if told is None or media_type(kind) != OCTETS:
        format_of(kind, Format.JSON)
    if told is None:
        return None
    if not told.isdecimal() or len(told) > 20:
        detail = f"Inference-Header-Content-Length is no number: {told[:80]}"
        raise Problem(HTTPStatus.BAD_REQUEST, detail)
    return int(told)
