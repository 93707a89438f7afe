"""The quality report: what came in, what went out, and what was wrong with the rest."""

from pydantic import BaseModel, ConfigDict

from relevo_contracts.tasks import Task


class Part(BaseModel):
    """Frozen, like all that is kept under the hash of its bytes."""

    model_config = ConfigDict(frozen=True)


class Fault(Part):
    """Why rows were put aside: a raw column, what is wrong with it, and some values.

    different: how many different values there are. nearest: the known word that may be
    meant by the first of the examples.
    """

    column: str
    reason: str
    rows: int
    different: int
    examples: tuple[str | None, ...]
    nearest: str | None = None

    def __str__(self) -> str:
        shown = ", ".join(repr(example) for example in self.examples)
        told = f"{self.column} {self.reason} ({self.rows:,} rows, e.g. {shown})"
        return f"{told}; did you mean {self.nearest!r}?" if self.nearest else told


class ColumnQuality(Part):
    """A feature among the clean rows; the range is that of a quantity.

    missing: values for which a default stands are among them. unseen: words that the
    dataset does not know, counted. nearest: the known word that may be meant by the most
    frequent of these.
    """

    missing: int
    minimum: float | None = None
    maximum: float | None = None
    unseen: dict[str, int] = {}
    nearest: str | None = None

    @property
    def unknown(self) -> int:
        """Rows with a word that the dataset does not know."""
        return sum(self.unseen.values())


class TargetNumbers(Part):
    """The target of a regression among the clean rows."""

    mean: float
    sd: float
    minimum: float
    maximum: float


class QualityReport(Part):
    """All that is worth knowing of how a batch was cleaned; the same for the same batch.

    rows_in = rows_out + rows_removed + rows_quarantined. target_words: how many different
    words are in the raw `target_column`. classes: clean rows by class, none of a
    regression, which has `target_numbers`. target_rate: the share of class 1 of a binary
    target. All of them are None where there is no clean row.
    """

    batch_id: str
    dataset: str
    target: str
    target_column: str
    target_words: int
    task: Task
    rows_in: int
    rows_out: int
    rows_removed: int
    rows_quarantined: int
    removed: dict[str, int]
    quarantined: tuple[Fault, ...]
    columns: dict[str, ColumnQuality]
    splits: dict[str, int]
    classes: dict[str, int]
    target_rate: float | None
    target_numbers: TargetNumbers | None

    @property
    def unknown_shares(self) -> dict[str, float]:
        """Per feature the share of clean rows with an unknown word; none without rows."""
        rows = self.rows_out
        return {name: c.unknown / rows for name, c in self.columns.items() if rows}

    @property
    def missing_shares(self) -> dict[str, float]:
        """Per feature the share of clean rows without a value; none without rows."""
        rows = self.rows_out
        return {name: c.missing / rows for name, c in self.columns.items() if rows}

    def to_json(self) -> bytes:
        """For people: indented."""
        return self.model_dump_json(indent=2).encode() + b"\n"
