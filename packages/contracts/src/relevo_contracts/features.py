"""What a feature is: its name, its kind, and which values may stand for it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["integer", "number", "boolean", "category", "identifier", "code"]
"""integer, number: a quantity · boolean: true or false · category: one of a few words ·
identifier: a category that is written as a whole number · code: one word of a large
vocabulary that follows a pattern (ICD-9). What each means: `relevo_features.kinds`."""


class Feature(BaseModel):
    """One column of the clean table and one field of a prediction request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    kind: Kind
    raw_name: str = Field(description="the column's name in the source's table")
    description: str
    required: bool = Field(default=True, description="a request must carry it")
    nullable: bool = Field(default=False, description="null means: not known")
    null_means: str | None = Field(
        default=None, description="the word that a missing value stands for, if it does"
    )
    missing: tuple[str, ...] = Field(
        default=(), description="how a missing value is written, beside null and nothing"
    )
    default: str | float | bool | None = Field(
        default=None, description="the value of a field that a request left out"
    )
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = Field(
        default=None, description="the values that the dataset knows, as text"
    )
    meanings: dict[str, str] = Field(
        default={}, description="what categories mean that do not say it themselves"
    )
    closed: bool = Field(
        default=False, description="a word that is no category is refused, not answered"
    )
    truths: dict[str, bool] = Field(
        default={}, description="the source's words for true and false"
    )
    pattern: str | None = Field(default=None, description="of a code, for re.fullmatch")
