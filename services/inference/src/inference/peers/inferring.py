"""A request of the Open Inference Protocol becomes its answer, binary or not; pure."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
from starlette.responses import Response

from inference.door.answers import columns_of, encode, flat, headers_of, types_of
from inference.duty.predicting import ServingModel
from inference.peers.desk import predict_all
from inference.peers.forms import MetadataTensor, ModelMetadata
from inference.tables.bodies import Limits, unfit
from inference.tables.envelopes import open_envelope
from inference.tables.formats import Format
from inference.tables.parts import CheckNames, Columns
from inference.tables.problems import Problem
from inference.tables.tensors import ARROW, JSON, Tensor, read_tensors, write_tensors
from relevo_features import kind_of

JSON_BYTES = "inference-header-content-length"
OCTETS = "application/octet-stream"
MOST = 10_000
"""Tensors of a request."""


class OutputParameters(msgspec.Struct, frozen=True):
    """How one output is to be answered."""

    binary_data: bool | None = None


class Output(msgspec.Struct, frozen=True):
    """An output that is asked for."""

    name: str
    parameters: OutputParameters | None = None


class RequestParameters(msgspec.Struct, frozen=True):
    """How all outputs are to be answered."""

    binary_data_output: bool = False


class Asked(msgspec.Struct, frozen=True):
    """The JSON of a request; without outputs it asks for all."""

    inputs: Annotated[list[Tensor], msgspec.Meta(min_length=1, max_length=MOST)]
    outputs: Annotated[list[Output], msgspec.Meta(max_length=MOST)] | None = None
    id: str | None = None
    parameters: RequestParameters | None = None


def of_version(model: ServingModel, number: str | None) -> ServingModel:
    """The model, if it is of that version; raises Problem 404 that says which serves."""
    if number in (None, model.version):
        return model
    told = f"version {number[:80]} of {model.name} is not served here"
    raise Problem(
        HTTPStatus.NOT_FOUND, f"{told}; version {model.version} is", kind="unknown-version"
    )


def metadata(model: ServingModel) -> ModelMetadata:
    """A tensor per feature, and per fact of an answer."""
    types = types_of(model)
    return ModelMetadata(
        name=model.name,
        versions=[model.version],
        platform="relevo_bundle",
        inputs=[
            _described(feature.name, JSON[kind_of(feature).json_type])
            for feature in model.manifest.features
        ],
        outputs=[
            _described(name, ARROW[types[name]])
            for name in (*model.form.types, "prediction_id", "unseen")
        ],
    )


def infer(
    model: ServingModel,
    body: bytes,
    *,
    number: str | None,
    json_bytes: int | None,
    limits: Limits,
) -> Response:
    """The answer of version `number`; None: of any.

    json_bytes: so many of the body are JSON; None: all. Raises Problem.
    """
    of_version(model, number)
    content = b"" if json_bytes is None else body[json_bytes:]
    asked = open_envelope(body[:json_bytes], Asked)

    def read(check: CheckNames) -> Sequence[Columns]:
        rows = limits.rows
        return [read_tensors(asked.inputs, content, max_rows=rows, check=check)]

    answers = predict_all(model, read)
    columns = flat(columns_of(model, answers), model.form.nested)
    del columns["row"]  # all are answered, in their order
    binary = _wanted(asked, list(columns))
    tensors, contents = write_tensors(columns, types_of(model), binary)
    named = {} if asked.id is None else {"id": asked.id}
    facts = {"model_name": model.name, "model_version": model.version, **named}
    told = encode({**facts, "outputs": tensors})
    headers = headers_of(model, answers)
    if not contents:
        return Response(told, media_type=Format.JSON, headers=headers)
    headers[JSON_BYTES] = str(len(told))
    return Response(b"".join([told, *contents]), media_type=OCTETS, headers=headers)


def _wanted(asked: Asked, names: Sequence[str]) -> dict[str, bool]:
    """The outputs to be answered, and which of them as bytes; raises Problem 422."""
    default = bool(asked.parameters and asked.parameters.binary_data_output)
    if not asked.outputs:
        return dict.fromkeys(names, default)
    wanted: dict[str, bool] = {}
    for output in asked.outputs:
        if output.name not in names:
            raise unfit(
                f"there is no output `{output.name[:64]}`; there is {', '.join(names)}"
            )
        binary = output.parameters.binary_data if output.parameters else None
        wanted[output.name] = default if binary is None else binary
    return wanted


def _described(name: str, datatype: str) -> MetadataTensor:
    return MetadataTensor(name=name, datatype=datatype, shape=[-1])
