"""The form of the answers, for the OpenAPI document."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from relevo_bundles.tables import MAX_ERRORS

Name = str | int | float


class ValueInterval(BaseModel):
    """Where 90 of 100 values like the predicted one are."""

    low: float
    high: float


class Said(BaseModel):
    """What is predicted for a row; what a task does not have is absent."""

    model_config = ConfigDict(protected_namespaces=())

    prediction: int | float | str = Field(
        description="the class as the source writes it, or the number of a regression"
    )
    probability: float | None = Field(
        None, ge=0, le=1, description="of class 1; of several classes: of the predicted one"
    )
    label: str | None = Field(None, description="the class in words")
    probabilities: dict[str, float] | None = Field(
        None, description="of each class, where there are several"
    )
    interval: ValueInterval | None = Field(None, description="of a regression")
    prediction_id: str = Field(description="UUIDv7: of its own for each prediction")
    unseen: list[str] = Field(description="fields with a category that nobody knows")
    id: Name | None = Field(None, description="of the row, as it was sent")


class Answer(Said):
    """The answer to one row."""

    model_name: str
    model_version: str
    timestamp: datetime = Field(description="RFC 3339, UTC")


class RowAnswer(Said):
    """The answer to one row of many."""

    row: int = Field(ge=0, description="its place in the request, from 0")


class WrongRow(BaseModel):
    """What is wrong with one row of many; field null: with the row as a whole."""

    row: int = Field(ge=0, description="its place in the request, from 0")
    field: str | None
    message: str
    value: str | None = Field(description="what was sent, cut")
    allowed: str | None = Field(description="what fits, in words")
    id: Name | None = Field(None, description="of the row, as it was sent")


class BatchAnswer(BaseModel):
    """The answers to the rows that fit, and what is wrong with the others."""

    model_config = ConfigDict(protected_namespaces=())

    predictions: list[RowAnswer]
    errors: list[WrongRow] = Field(description=f"the first {MAX_ERRORS} of them")
    errors_total: int = Field(ge=0)
    model_name: str
    model_version: str
    timestamp: datetime = Field(description="RFC 3339, UTC")
