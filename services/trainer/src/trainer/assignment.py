"""What a training job is told, and what it tells: plain values between two processes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

Policy = Literal["better", "not_worse"]
"""better: the challenger must be better beyond noise · not_worse: it must not be worse
beyond noise."""


@dataclass(frozen=True)
class Table:
    """A clean batch: which it is, where it lies, and its Parquet."""

    batch_id: str
    key: str
    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Assignment:
    """One job. `tables` are all clean batches up to the new one, which is the last."""

    dataset: str
    batch_id: str
    tables: tuple[Table, ...]
    released_at: datetime
    cleaned_at: datetime
    code_version: str
    policy: Policy = "better"
    threads: int = 1
    traceparent: str | None = None
    """Where the trace of the batch is; it goes on at the promotion."""

    @property
    def model(self) -> str:
        """The registered model's name."""
        return self.dataset

    @property
    def run_key(self) -> str:
        """What makes a repeat of this job recognisable: the batch and the code."""
        return f"{self.batch_id}:{self.code_version}"

    @property
    def batches(self) -> tuple[str, ...]:
        """The ids of the batches, oldest first."""
        return tuple(table.batch_id for table in self.tables)


@dataclass(frozen=True)
class Registry:
    """Where the job finds MLflow, and which alias the champion has."""

    tracking_uri: str
    alias: str


@dataclass(frozen=True)
class Progress:
    """A stage of the job began, or ended after `seconds`, with what it found."""

    stage: str
    seconds: float | None = None
    found: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Registered:
    """A version with its verdict; the registry keeps all of it.

    relieves: the version under the alias when the verdict was made.
    """

    model: str
    version: str
    run_id: str
    is_promoted: bool
    reason: str
    relieves: str | None
    statistics: dict[str, JsonValue]


@dataclass(frozen=True)
class Failure:
    """The job ended without a result."""

    kind: Literal["poison", "outage", "bug"]
    text: str


Message = Progress | Registered | Failure
