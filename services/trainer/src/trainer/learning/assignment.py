"""What a training job is told: plain values, sent from one process to another."""

from dataclasses import dataclass, field
from datetime import datetime

from trainer.judging.policy import Policy


@dataclass(frozen=True)
class Table:
    """A clean batch: which it is, where it lies, and its Parquet."""

    batch_id: str
    key: str
    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Assignment:
    """One job. `tables` are all clean batches up to the new one, which is the last.

    lost: earlier batches whose tables are lost, and why.
    declaration: a short hash of what the dataset's declaration says; the job fills it in.
    revision: which training with this batch it is, as a person may ask for another one.
    """

    dataset: str
    batch_id: str
    tables: tuple[Table, ...]
    released_at: datetime
    cleaned_at: datetime
    code_version: str
    lost: dict[str, str] = field(default_factory=dict)
    declaration: str = ""
    revision: int = 1
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
        """What makes a repeat of this job recognisable: batch, code and declaration."""
        again = f":{self.revision}" if self.revision > 1 else ""
        return f"{self.batch_id}:{self.code_version}:{self.declaration}{again}"

    @property
    def batches(self) -> tuple[str, ...]:
        """The ids of the batches, oldest first."""
        return tuple(table.batch_id for table in self.tables)
