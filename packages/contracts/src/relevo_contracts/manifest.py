"""The manifest of a serving bundle: what a model takes, how, and whence it came."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from relevo_contracts.features import Feature


class Strict(BaseModel):
    """Frozen; a field that this version does not know is an error, never a guess."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Quantity(Strict):
    """The number itself; missing is not-a-number."""

    kind: Literal["quantity"] = "quantity"


class Lookup(Strict):
    """The code of a text; a text without a code, and a missing one, get `otherwise`.

    A boolean is looked up as "true" or "false". `part` says which part of the text
    is looked up: all of it, or what stands before the first "." (an ICD-9 category).
    """

    kind: Literal["lookup"] = "lookup"
    part: Literal["whole", "head"] = "whole"
    codes: dict[str, int]
    otherwise: int | None = Field(
        default=None, description="None: not-a-number, as for a missing quantity"
    )
    missing: int | None = Field(
        default=None, description="the code of null; None: not-a-number"
    )


Encoding = Annotated[Quantity | Lookup, Field(discriminator="kind")]


class Input(Strict):
    """One column of the model's matrix."""

    name: str
    feature: str = Field(description="the clean feature that it is made of")
    encoding: Encoding


class Trees(Strict):
    """Binary trees: a row walks each from its root to a leaf, the leaves are added up.

    The bundle's file nodes.bin has all nodes, little-endian, 32 bytes each: a float64
    `value` and the int32 `feature`, `left`, `right`, `missing`, `categories`, `words`.
    A feature of -1 makes a leaf, whose number is `value`. Otherwise the walk goes on at
    `missing` where the input `feature` is not-a-number, else at `left` where it is at most
    `value`, else at `right`; children stand behind their parents. With `words` of 1 or
    more it goes left where the input is one of the categories in the set of bits that
    fills so many 32-bit words of categories.bin, from the word `categories` on.
    """

    kind: Literal["trees"] = "trees"
    roots: tuple[int, ...] = Field(min_length=1, description="the nodes to begin at")
    averaged: bool = Field(default=False, description="the mean instead of the sum")
    base: float = Field(default=0.0, description="added to the sum, or to the mean")
    link: Literal["identity", "logistic"] = Field(
        description="the probability is the result itself, or 1 / (1 + exp(-result))"
    )


class LinearTerm(Strict):
    """What one input adds to the log-odds.

    Without `weights`, the number of the input adds
    weight * ((number, or `fill` where it is not-a-number) - mean) / scale.
    With `weights`, the looked-up code adds weights[code], and `absent` where the code
    is not-a-number.
    """

    input: str
    weight: float = 0.0
    mean: float = 0.0
    scale: float = 1.0
    fill: float = 0.0
    weights: tuple[float, ...] | None = None
    absent: float = 0.0


class Linear(Strict):
    """A logistic regression: 1 / (1 + exp(-(intercept + sum of terms)))."""

    kind: Literal["linear"] = "linear"
    intercept: float
    terms: tuple[LinearTerm, ...]


Estimator = Annotated[Trees | Linear, Field(discriminator="kind")]


class Interval(Strict):
    """A measured figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Lineage(Strict):
    """Where the model came from."""

    run_id: str
    batches: tuple[str, ...]
    batch_sha256: tuple[str, ...]
    newest_released_at: datetime | None = None
    code_version: str
    trained_at: datetime


class Golden(Strict):
    """A row as a caller would send it, and what the trainer's own pipeline answers.

    It carries every feature. Inference sends it through its own door, so it must be a
    valid request: whole numbers as integers, no not-a-number, null only where nullable.
    """

    row: dict[str, JsonValue]
    probability: float


class SourceWords(Strict):
    """How the source's own table writes what a request writes otherwise.

    So a table as the source hands it out can be asked about without being cleaned first.
    """

    missing: tuple[str, ...] = Field(description="what stands where there is no value")
    truths: dict[str, bool] = Field(description="the source's words for true and false")
    unknown: dict[str, tuple[str, ...]] = Field(
        description="per feature, the values that say that nothing is known"
    )
    ignored: tuple[str, ...] = Field(description="the columns that no feature is made of")


class Manifest(Strict):
    """All that a pod must know to answer for a model; the request schema is in it."""

    format: Literal[2] = 2
    model: str
    dataset: str
    target: str
    labels: tuple[str, str] = Field(description="class 0 and class 1 in words")
    algorithm: str = Field(description="e.g. lightgbm, logistic_regression")
    threshold: float = Field(description="probability from which the answer is 1")
    features: tuple[Feature, ...]
    example: dict[str, JsonValue] | None = Field(
        default=None, description="a request for people to read; None: the first golden row"
    )
    source: SourceWords | None = Field(
        default=None, description="of tables as the source hands them out"
    )
    inputs: tuple[Input, ...]
    estimator: Estimator
    metrics: dict[str, Interval]
    golden: tuple[Golden, ...] = Field(min_length=1)
    lineage: Lineage

    @property
    def signature_sha256(self) -> str:
        """The SHA-256 of what a caller may send: names, kinds and allowed values."""
        texts = [feature.model_dump_json() for feature in self.features]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()
