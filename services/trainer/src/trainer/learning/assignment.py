"""What a training job is told: plain values, sent from one process to another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trainer.judging.champion import Holder


@dataclass(frozen=True)
class Table:
    """A clean batch: which it is, where it lies, and its Parquet."""

    batch_id: str
    key: str
    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Assignment:
    """One job. `tables` are all clean batches to learn from; the new one is the last.

    lost: earlier batches whose tables are lost, and why. left_out: batches that nobody
    shall learn from, and why. promoted: the version that pods were told of last, if there
    was one. verdicts: how many there were, by champion, see `spending`. is_released: a
    person wants the newest one to be learned from, odd as it is.
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
    promoted: Holder | None = field(default=None, repr=False)
    verdicts: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    is_released: bool = False
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
