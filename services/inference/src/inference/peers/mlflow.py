"""MLflow's scoring protocol: what `mlflow models serve` of the champion would answer."""

from collections.abc import Iterable
from functools import partial

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from inference.door.answers import encode, headers_of
from inference.door.batches import Batch, parts_of
from inference.door.prediction_routes import ModelName
from inference.duty.predicting import ServingModel
from inference.peers.desk import Desk, predict_all
from inference.peers.documentation import ASKED, SENT, described_body, refusals
from inference.peers.forms import Invocation, Invoked, MlflowError
from inference.tables.bodies import ROW_BYTES, Limits, parse, unfit
from inference.tables.envelopes import open_envelope
from inference.tables.formats import Format, format_of
from inference.tables.json_tables import read_json, read_table
from inference.tables.parts import CheckNames, Part, Rows

FORMATS = (Format.JSON, Format.CSV, Format.PARQUET)
NOTHING = msgspec.Raw(b"")


class Split(msgspec.Struct, frozen=True):
    """A table by its columns' names and its rows' values."""

    columns: list[str]
    data: msgspec.Raw


class Sent(msgspec.Struct, frozen=True):
    """The JSON of a request: one of these is there."""

    dataframe_split: Split | None = None
    dataframe_records: msgspec.Raw = NOTHING
    instances: msgspec.Raw = NOTHING
    inputs: msgspec.Raw = NOTHING


def mlflow_routes(desk: Desk, *, version: str) -> APIRouter:
    """The protocol's routes. `version`: of relevo."""
    router = APIRouter(tags=["MLflow"])
    asked = refusals(MlflowError, ASKED)

    @router.get("/ping", responses=asked, response_class=PlainTextResponse)
    async def ping(request: Request) -> Response:
        """200 with an empty line: a proven version of the default model answers."""
        desk.is_ready(request)
        return PlainTextResponse("\n")

    @router.get("/version", responses=asked, response_class=PlainTextResponse)
    async def version_of_relevo() -> Response:
        """As text; MLflow tells its own."""
        return PlainTextResponse(version)

    @router.post(
        "/invocations",
        response_model=Invoked,
        responses=refusals(MlflowError, SENT),
        openapi_extra=described_body(Invocation, f"or {Format.CSV}, {Format.PARQUET}"),
    )
    async def invocations(request: Request, model_name: ModelName = None) -> Response:
        """Rows in as MLflow takes them; out what the registered pipeline answers to all."""
        form = format_of(request.headers.get("content-type", ""), *FORMATS)
        work = partial(invoke, form=form, limits=desk.limits)
        return await desk.answer(request, model_name, work)

    return router


def invoke(model: ServingModel, body: bytes, *, form: Format, limits: Limits) -> Response:
    """The answer to a body; raises Problem when it is none, or a row does not fit."""

    def read(check: CheckNames) -> Iterable[Part]:
        if form is Format.JSON:
            return _read(open_envelope(body, Sent), limits.rows, check)
        batch = Batch(body, form=form, wanted=Format.JSON, strict=True)
        return parts_of(batch, limits, check)

    answers = predict_all(model, read)
    told = encode({"predictions": model.form.learned(answers.answers)})
    return Response(told, media_type=Format.JSON, headers=headers_of(model, answers))


def _read(sent: Sent, rows: int, check: CheckNames) -> Iterable[Part]:
    given = {
        name: text
        for name in ("dataframe_records", "instances", "inputs")
        if (text := bytes(getattr(sent, name))) not in (b"", b"null")
    }
    if len(given) + (sent.dataframe_split is not None) != 1:
        names = ", ".join(Sent.__struct_fields__)
        raise unfit(f"the body is an object with exactly one of {names}")
    if (split := sent.dataframe_split) is not None:
        return read_table(split.columns, bytes(split.data), max_rows=rows, check=check)
    [(name, text)] = given.items()
    if name == "dataframe_records" and not text.startswith(b"["):
        raise unfit("dataframe_records is an array of rows")
    if name == "inputs" and text.startswith(b"{") and len(text) <= ROW_BYTES:
        row = parse(text)
        if isinstance(row, dict) and not any(isinstance(row[each], list) for each in row):
            return [Rows([row])]
    return read_json(text, max_rows=rows, check=check)
