"""What the platform would make of a table: batch by batch, and row by row at faults."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pandas as pd
import pyarrow as pa

from relevo_datasets.dataset import COLUMN, REASON, Dataset
from relevo_datasets.quality.gate import Limits
from relevo_datasets.quality.judging import Judged, judge
from relevo_datasets.quality.report import ColumnQuality, Fault
from relevo_datasets.quality.usual import Shares, usual_of
from relevo_datasets.schema import check_raw
from relevo_features import Reader

USUAL_LIMITS = Limits()


@dataclass(frozen=True)
class Problem:
    """A row that cannot be read; its place in the file is counted from 0."""

    row: int
    column: str
    value: str | None
    reason: str


@dataclass
class Checked:
    """What becomes of a whole table; counts of rows, added up over its batches.

    refusals: by number of the batch, from 1. problems: the first ones.
    """

    batches: int = 0
    rows: int = 0
    readable: int = 0
    quarantined: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    columns: dict[str, ColumnQuality] = field(default_factory=dict)
    classes: Counter[str] = field(default_factory=Counter)
    refusals: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, batch: Judged) -> None:
        """Count one more batch."""
        report = batch.report
        self.batches += 1
        self.rows += report.rows_in
        self.readable += report.rows_out + report.rows_removed
        self.quarantined += report.rows_quarantined
        self.outside.update({why: rows for why, rows in report.removed.items() if rows})
        self.classes.update(report.classes)
        for fault in report.quarantined:
            key = fault.column, fault.reason
            known = self.faults.get(key)
            rows = fault.rows + (known.rows if known else 0)
            self.faults[key] = (known or fault).model_copy(update={"rows": rows})
        for name, column in report.columns.items():
            self.columns[name] = _added(self.columns.get(name), column)
        if batch.refusal:
            self.refusals[self.batches] = batch.refusal


def check_table(
    dataset: Dataset,
    chunks: Iterable[pa.Table],
    *,
    most_problems: int = 10,
    most_batches: int | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Checked:
    """What becomes of the rows of these tables, which are text, cut as a source cuts them.

    limits: of the gate; splits are the usual ones. most_batches: no more are looked at.
    Raises PoisonError for what is no table of the dataset.
    """
    checked, accepted, row = Checked(), list[Shares](), 0
    for table in islice(batches_of(chunks, dataset.source.batch_rows), most_batches):
        check_raw(table, dataset, max_rows=table.num_rows)
        frame = table.to_pandas()
        frame.index = pd.RangeIndex(row, row + len(frame))
        usual, target = usual_of(accepted), dataset.default_target
        batch = judge(frame, dataset, target, limits=limits, usual=usual)
        checked.add(batch)
        more = most_problems - len(checked.problems)
        checked.problems += _problems(batch.quarantined.head(more), dataset)
        if not batch.refusal:
            report = batch.report
            accepted.append(
                Shares(report.rows_out, report.unknown_shares, report.missing_shares)
            )
        row += len(frame)
    return checked


def batches_of(chunks: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in order, so many at a time; the last table may have fewer."""
    held: pa.Table | None = None
    for chunk in chunks:
        held = chunk if held is None else pa.concat_tables([held, chunk])
        while held.num_rows >= rows:
            yield held.slice(0, rows)
            held = held.slice(rows)
    if held is not None and held.num_rows:
        yield held


def _problems(quarantined: pd.DataFrame, dataset: Dataset) -> Iterator[Problem]:
    readers = {feature.raw_name: Reader(feature) for feature in dataset.features}
    for row, values in quarantined.iterrows():
        column, reason = str(values[COLUMN]), str(values[REASON])
        value = values[column] if isinstance(values[column], str) else None
        what, _, takes = reason.partition("; ")
        told = readers[column].advice(value, what) if column in readers else what
        reason = "; ".join(filter(None, (told, takes)))
        yield Problem(int(str(row)), column, value, reason)


def _added(known: ColumnQuality | None, more: ColumnQuality) -> ColumnQuality:
    if known is None:
        return more
    unseen = Counter(known.unseen)
    unseen.update(more.unseen)
    missing = known.missing + more.missing
    nearest = known.nearest or more.nearest
    return ColumnQuality(missing=missing, unseen=dict(unseen), nearest=nearest)
