"""The forms of peers' protocols, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from inference.door.forms import Said


class PeerForm(BaseModel):
    """A model's name and version may be fields."""

    model_config = ConfigDict(protected_namespaces=())


class PeerError(PeerForm):
    """Why a request was not answered, as v1 and v2 have it."""

    error: str = Field(description="a sentence for a person")


class MlflowError(PeerForm):
    """Why a request was not answered, as MLflow has it."""

    error_code: str
    message: str = Field(description="a sentence for a person")


class ServerMetadata(PeerForm):
    """Which server answers."""

    name: str
    version: str = Field(description="of relevo")
    extensions: list[str]


class Live(PeerForm):
    """The process lives."""

    live: bool


class ServerReady(PeerForm):
    """A proven version of the default model answers."""

    ready: bool


class ModelReady(PeerForm):
    """A proven version of the model answers."""

    name: str
    ready: bool


class MetadataTensor(PeerForm):
    """One tensor that a model takes or answers."""

    name: str
    datatype: str
    shape: list[int] = Field(description="-1: as many as there are rows")


class ModelMetadata(PeerForm):
    """What a model takes and answers."""

    name: str
    versions: list[str] = Field(description="the one that answers")
    platform: str
    inputs: list[MetadataTensor] = Field(description="a tensor per feature")
    outputs: list[MetadataTensor]


class InferenceTensor(PeerForm):
    """One feature, or one fact of the answers, of all rows."""

    name: str
    shape: list[int] = Field(description="[rows] or [rows, 1]")
    datatype: str = Field(description="BOOL, INT64, FP64, BYTES …")
    parameters: dict[str, Any] | None = Field(
        None, description="binary_data_size: of its data, after the JSON"
    )
    data: list[Any] | None = Field(None, description="its values; none: they are binary")


class InferenceOutput(PeerForm):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = Field(
        None, description="binary_data: true or false"
    )


class InferenceRequest(PeerForm):
    """Rows as tensors; without outputs it asks for all."""

    id: str | None = Field(None, description="comes back")
    parameters: dict[str, Any] | None = Field(None, description="binary_data_output")
    inputs: list[InferenceTensor]
    outputs: list[InferenceOutput] | None = None


class InferenceResponse(PeerForm):
    """The answers as tensors."""

    model_name: str
    model_version: str
    id: str | None = Field(None, description="of the request")
    outputs: list[InferenceTensor]


class Split(PeerForm):
    """A table as pandas has it by to_dict("split")."""

    columns: list[str]
    data: list[list[Any]] = Field(description="per row its values")
    index: list[Any] | None = Field(None, description="is not looked at")


class Invocation(PeerForm):
    """Rows as MLflow takes them, in one of these fields."""

    dataframe_split: Split | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    instances: list[dict[str, Any]] | dict[str, list[Any]] | None = None
    inputs: list[dict[str, Any]] | dict[str, Any] | None = Field(
        None, description="rows, columns, or one row"
    )
    params: dict[str, Any] | None = Field(None, description="is not looked at")


class Invoked(PeerForm):
    """What the registered pipeline answers."""

    predictions: list[Any] = Field(
        description="per row the probabilities of all classes, or the number"
    )


class V1Models(PeerForm):
    """The models that this pod answers for."""

    models: list[str]


class Instances(PeerForm):
    """Rows as v1 takes them."""

    instances: list[dict[str, Any]]


class V1Answer(Said):
    """The answer to one row."""


class V1Answers(PeerForm):
    """The answers, as /predict_batch says them."""

    predictions: list[V1Answer]


UNDECLARED = (InferenceRequest, Instances, Invocation, PeerError, MlflowError)
"""What is sent or refused; answers the framework finds itself."""
