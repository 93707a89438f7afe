"""What a clean feature is: its name, its kind, and which values a caller may send."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["integer", "number", "boolean", "category", "identifier", "code"]
"""integer, number: a quantity · boolean: true or false · category: one of a few words ·
identifier: a category that is written as a whole number · code: one word of a large
vocabulary that follows a pattern (ICD-9)."""


class Feature(BaseModel):
    """One column of the clean table and one field of a prediction request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    kind: Kind
    raw_name: str = Field(description="the column's name in the source's table")
    description: str
    required: bool = Field(default=True, description="a request must carry it")
    nullable: bool = Field(default=False, description="null means: not known")
    default: str | float | bool | None = Field(
        default=None, description="the value of a field that a request left out"
    )
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = Field(
        default=None, description="the values that the dataset knows, as text"
    )
    pattern: str | None = Field(default=None, description="of a code, for re.fullmatch")

    @property
    def is_numeric(self) -> bool:
        """True for a quantity, false for what is looked up by its text."""
        return self.kind in {"integer", "number"}
