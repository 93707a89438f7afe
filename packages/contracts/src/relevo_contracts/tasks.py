"""What is to be predicted: the task, its target, and its classes in words."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Task = Literal["binary", "multiclass", "regression"]
"""binary: one of two classes · multiclass: one of several · regression: a number."""


class ClassWords(BaseModel):
    """A class: what an answer says, what it means, and how the source writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: int | str = Field(description="the `prediction` in an answer")
    label: str = Field(description="the class in words")
    words: tuple[str, ...] = Field(description="the source's words for it")


class Target(BaseModel):
    """Something that can be predicted of a dataset's rows.

    classes: in their order, which is that of a model's outputs; none of a regression.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    column: str = Field(description="of the source's table")
    task: Task
    classes: tuple[ClassWords, ...] = ()

    @model_validator(mode="after")
    def fit_the_task(self) -> Self:
        """Raises ValueError for classes that the task cannot have."""
        found = len(self.classes)
        if self.task == "binary" and found != 2:
            raise ValueError(f"a binary target has two classes, not {found}")
        if self.task == "multiclass" and found < 3:
            raise ValueError(f"a multiclass target has three classes or more, not {found}")
        if self.task == "regression" and found:
            raise ValueError("a regression has no classes")
        return self

    @property
    def outputs(self) -> int:
        """Numbers that a model answers for a row: binary has the probability of class 1."""
        return len(self.classes) if self.task == "multiclass" else 1
