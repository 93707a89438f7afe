"""The form of the answers, for the OpenAPI document."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from relevo_bundles.tables import MAX_ERRORS


class Answer(BaseModel):
    """The answer to one row."""

    model_config = ConfigDict(protected_namespaces=())

    prediction: int = Field(ge=0, le=1, description="the class")
    probability: float = Field(ge=0, le=1, description="of class 1")
    label: str = Field(description="the class in words")
    model_name: str
    model_version: str
    prediction_id: str = Field(description="UUIDv7: of its own for each prediction")
    timestamp: datetime = Field(description="RFC 3339, UTC")


class RowAnswer(BaseModel):
    """The answer to one row of many."""

    row: int = Field(ge=0, description="its place in the request, from 0")
    prediction: int = Field(ge=0, le=1, description="the class")
    probability: float = Field(ge=0, le=1, description="of class 1")
    label: str = Field(description="the class in words")
    prediction_id: str = Field(description="UUIDv7: of its own for each prediction")


class WrongRow(BaseModel):
    """What is wrong with one row of many; field null: with the row as a whole."""

    row: int = Field(ge=0, description="its place in the request, from 0")
    field: str | None
    message: str
    value: str | None = Field(description="what was sent, cut")
    allowed: str | None = Field(description="what fits, in words")


class BatchAnswer(BaseModel):
    """The answers to the rows that fit, and what is wrong with the others."""

    model_config = ConfigDict(protected_namespaces=())

    predictions: list[RowAnswer]
    errors: list[WrongRow] = Field(description=f"the first {MAX_ERRORS} of them")
    errors_total: int = Field(ge=0)
    model_name: str
    model_version: str
    timestamp: datetime = Field(description="RFC 3339, UTC")
