"""The quality report: what came in, what went out, and what was wrong with the rest."""

from collections.abc import Mapping

import pandas as pd
from pydantic import BaseModel, ConfigDict

from relevo_contracts import Feature
from relevo_datasets import COLUMN, REASON, SPLIT, TARGET, Cleaned, Dataset
from relevo_datasets.splitting import SPLITS

EXAMPLES = 3
LONGEST_EXAMPLE = 40


class Part(BaseModel):
    """Frozen, like all that is kept under the hash of its bytes."""

    model_config = ConfigDict(frozen=True)


class Fault(Part):
    """Why rows were put aside: a raw column, what is wrong with it, and some values."""

    column: str
    reason: str
    rows: int
    examples: tuple[str | None, ...]

    def __str__(self) -> str:
        shown = ", ".join(repr(example) for example in self.examples)
        return f"{self.column} {self.reason} ({self.rows:,} rows, e.g. {shown})"


class ColumnQuality(Part):
    """A feature among the clean rows; the range is that of a quantity."""

    missing: int
    minimum: float | None = None
    maximum: float | None = None
    unseen: dict[str, int] = {}


class QualityReport(Part):
    """All that is worth knowing of how a batch was cleaned; the same for the same batch.

    rows_in = rows_out + rows_removed + rows_quarantined. `target_rate` is the share of
    class 1 among the clean rows, None when there are none.
    """

    batch_id: str
    dataset: str
    target: str
    rows_in: int
    rows_out: int
    rows_removed: int
    rows_quarantined: int
    removed: dict[str, int]
    quarantined: tuple[Fault, ...]
    columns: dict[str, ColumnQuality]
    splits: dict[str, int]
    classes: dict[int, int]
    target_rate: float | None

    def to_json(self) -> bytes:
        """For people: indented."""
        return self.model_dump_json(indent=2).encode() + b"\n"


def report_of(
    cleaned: Cleaned, frame: pd.DataFrame, *, batch_id: str, dataset: Dataset, target: str
) -> QualityReport:
    """The report; `frame` are the cleaned rows with their SPLIT."""
    removed = dict(cleaned.removed)
    rows_out, rows_quarantined = len(frame), len(cleaned.quarantined)
    return QualityReport(
        batch_id=batch_id,
        dataset=dataset.name,
        target=target,
        rows_in=rows_out + sum(removed.values()) + rows_quarantined,
        rows_out=rows_out,
        rows_removed=sum(removed.values()),
        rows_quarantined=rows_quarantined,
        removed=removed,
        quarantined=_faults(cleaned.quarantined),
        columns={
            feature.name: _quality(frame, feature, cleaned.unseen.get(feature.name, {}))
            for feature in dataset.features
        },
        splits={split: int((frame[SPLIT] == split).sum()) for split in SPLITS},
        classes={value: int((frame[TARGET] == value).sum()) for value in (0, 1)},
        target_rate=float(frame[TARGET].mean()) if rows_out else None,
    )


def _faults(quarantined: pd.DataFrame) -> tuple[Fault, ...]:
    """The faults of the rows, the most frequent first."""
    faults = [
        Fault(
            column=str(column),
            reason=str(reason),
            rows=len(rows),
            examples=tuple(map(_shown, rows[column].drop_duplicates().head(EXAMPLES))),
        )
        for (column, reason), rows in quarantined.groupby([COLUMN, REASON], sort=True)
    ]
    return tuple(sorted(faults, key=lambda fault: -fault.rows))


def _quality(
    frame: pd.DataFrame, feature: Feature, unseen: Mapping[str, int]
) -> ColumnQuality:
    values = frame[feature.name]
    present = values.dropna()
    has_range = feature.is_numeric and len(present) > 0
    return ColumnQuality(
        missing=len(values) - len(present),
        minimum=float(present.min()) if has_range else None,
        maximum=float(present.max()) if has_range else None,
        unseen=dict(unseen),
    )


def _shown(value: object) -> str | None:
    """A raw value as a report may show it: short; None where there was none."""
    if not isinstance(value, str):
        return None
    return value if len(value) <= LONGEST_EXAMPLE else f"{value[:LONGEST_EXAMPLE]}…"
