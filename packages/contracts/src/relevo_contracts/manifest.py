"""The manifest of a serving bundle: what a model takes, how, and whence it came."""

import hashlib
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from relevo_contracts.features import Feature
from relevo_contracts.tasks import ClassWords, Task


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


Link = Literal["identity", "logistic", "softmax"]
"""What makes the answer of the sums: identity: they are it · logistic: 1 / (1 + exp(-sum))
· softmax: exp(sum) / sum of the exp(sums) of all outputs."""


class Trees(Strict):
    """Binary trees: a row walks each from its root to a leaf, the leaves are added up.

    The bundle's file nodes.bin has all nodes, little-endian, 32 bytes each: a float64
    `value` and the int32 `feature`, `left`, `right`, `missing`, `categories`, `words`.
    A feature of -1 makes a leaf, whose number is `value`. Otherwise the walk goes on at
    `missing` where the input `feature` is not-a-number, else at `left` where it is at most
    `value`, else at `right`; children stand behind their parents. With `words` of 1 or
    more it goes left where the input is one of the categories in the set of bits that
    fills so many 32-bit words of categories.bin, from the word `categories` on.
    With more outputs than one, either each tree adds to one of them (`output_of`), or a
    leaf has a number for each: then its `value` is the place of its row in leaves.bin,
    float64, leaves × outputs.
    The file cover.bin has per node, as float64, how many train rows passed it.
    """

    kind: Literal["trees"] = "trees"
    roots: tuple[int, ...] = Field(min_length=1, description="the nodes to begin at")
    outputs: int = Field(default=1, ge=1, description="numbers that an answer has")
    output_of: tuple[int, ...] | None = Field(
        default=None, description="per root the output that its tree adds to"
    )
    averaged: bool = Field(default=False, description="the mean instead of the sum")
    base: tuple[float, ...] = Field(
        default=(0.0,), description="per output: added to the sum, or to the mean"
    )
    link: Link


class LinearTerm(Strict):
    """What one input adds to the sum of each output.

    Without `weights`, the number of the input adds
    weight * ((number, or `fill` where it is not-a-number) - mean) / scale.
    With `weights`, the looked-up code adds weights[code], and `absent` where the code
    is not-a-number; `shares` are the codes' shares of the train rows, absent last.
    """

    input: str
    weight: tuple[float, ...] = (0.0,)
    mean: float = 0.0
    scale: float = 1.0
    fill: float = 0.0
    weights: tuple[tuple[float, ...], ...] | None = None
    absent: tuple[float, ...] = (0.0,)
    shares: tuple[float, ...] | None = None


class Linear(Strict):
    """The link of (intercept + sum of the terms), per output."""

    kind: Literal["linear"] = "linear"
    intercept: tuple[float, ...] = Field(min_length=1)
    terms: tuple[LinearTerm, ...]
    link: Link = "logistic"

    @property
    def outputs(self) -> int:
        """Numbers that an answer has."""
        return len(self.intercept)


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
    answer: tuple[float, ...] = Field(description="a number per output of the estimator")


class Outside(Strict):
    """Rows that are no part of the task: those with one of these values of a feature."""

    feature: str
    words: tuple[str, ...] = Field(description="the clean values as text")
    reason: str = Field(description="in words, for whoever sends such a row")


class Reference(Strict):
    """What the train rows had in a feature, so that a batch can be compared with them.

    counts: of a quantity per bin, of which `edges` are the inner bounds (a value belongs
    to the first bin whose bound is not below it); of all else per word of `words`, and
    last of all other words.
    psi_noise: so large is the population stability index by chance alone, at most, in 95
    of 100 batches as large as the newest one.
    """

    rows: int
    missing: int
    unknown: int = Field(description="rows with a word that the dataset does not know")
    counts: tuple[int, ...]
    edges: tuple[float, ...] | None = None
    words: tuple[str, ...] | None = None
    psi_noise: float


class Manifest(Strict):
    """All that a pod must know to answer for a model; the request schema is in it."""

    format: Literal[3] = 3
    model: str
    dataset: str
    task: Task
    target: str
    classes: tuple[ClassWords, ...] = Field(
        default=(), description="none for a regression; binary: class 0 and class 1"
    )
    algorithm: str = Field(description="e.g. lightgbm, logistic_regression")
    threshold: float | None = Field(
        default=None, description="binary: probability from which the answer is class 1"
    )
    residuals: tuple[float, float] | None = Field(
        default=None,
        description="regression: what to add to an answer for the ends of its interval,"
        " which had 90 % of the validation rows",
    )
    features: tuple[Feature, ...]
    example: dict[str, JsonValue] | None = Field(
        default=None, description="a request for people to read; None: the first golden row"
    )
    examples: dict[str, dict[str, JsonValue]] = Field(
        default={}, description="requests for people to try, by what each shows"
    )
    row_id: str | None = Field(
        default=None, description="the source's column that names a row; answers carry it"
    )
    ignored: tuple[str, ...] = Field(
        default=(), description="the source's columns that no feature is made of"
    )
    outside: tuple[Outside, ...] = ()
    inputs: tuple[Input, ...]
    estimator: Estimator
    reference: dict[str, Reference] = {}
    metrics: dict[str, Interval]
    golden: tuple[Golden, ...] = Field(min_length=1)
    lineage: Lineage
    signed: str | None = Field(
        default=None,
        exclude=True,
        description="the signature under which a bundle of an older format was promoted",
    )

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in words."""
        return tuple(each.label for each in self.classes)

    @property
    def signature_sha256(self) -> str:
        """The SHA-256 of what a caller may send: names, kinds and allowed values."""
        return self.signed or signature_of(self.features)


def signature_of(features: tuple[BaseModel, ...]) -> str:
    """The SHA-256 of the features as JSON, a line each."""
    texts = [feature.model_dump_json() for feature in features]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
