"""Makes a clean table, or a refusal, of a raw batch; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from relevo_contracts import BatchRaw, PoisonError, Target
from relevo_datasets import Dataset, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.quality.gate import Limits
from relevo_datasets.quality.judging import judge
from relevo_datasets.quality.report import QualityReport
from relevo_datasets.quality.usual import Usual
from relevo_datasets.schema import read_raw
from relevo_datasets.splitting import SplitRatios


@dataclass(frozen=True)
class Rules:
    """How batches are cleaned.

    targets: by dataset the target to learn; else it is the dataset's first.
    ratios, salt: of the splits by group; another salt is another division.
    """

    ratios: SplitRatios
    salt: str
    targets: Mapping[str, str]
    limits: Limits


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: the clean table as Parquet, or the reason of its refusal.

    quarantine: the raw rows that were put aside, as Parquet; None: there are none.
    """

    table: bytes | None
    quarantine: bytes | None
    refusal: str | None
    report: QualityReport


def clean_batch(content: bytes, event: BatchRaw, rules: Rules, usual: Usual) -> Outcome:
    """Read, clean, split and judge the Parquet that the event tells of.

    usual: of the batches that were accepted before. Raises PoisonError when the event
    itself is wrong: no such dataset or target, no raw table of the dataset, or not as
    many rows as the event says.
    """
    dataset, target = meaning_of(event.dataset, rules)
    raw = _raw_table(content, event, dataset)
    judged = judge(
        raw,
        dataset,
        target,
        limits=rules.limits,
        usual=usual,
        ratios=rules.ratios,
        salt=rules.salt,
        batch_id=event.batch_id,
    )
    table = None
    if judged.refusal is None:
        table = CleanTable(judged.frame, dataset, target.name).to_parquet()
    return Outcome(
        table=table,
        quarantine=_as_parquet(judged.quarantined) if len(judged.quarantined) else None,
        refusal=judged.refusal,
        report=judged.report,
    )


def meaning_of(name: str, rules: Rules) -> tuple[Dataset, Target]:
    """The dataset of that name and its target; PoisonError: there is no such thing."""
    try:
        dataset = dataset_named(name)
    except KeyError as error:
        raise PoisonError(str(error.args[0])) from error
    target = rules.targets.get(name, dataset.default_target.name)
    if target not in dataset.targets:
        known = ", ".join(dataset.targets)
        raise PoisonError(f"{name} has no target {target!r}; it has: {known}")
    return dataset, dataset.targets[target]


def _as_parquet(rows: pd.DataFrame) -> bytes:
    """Raw rows and their faults, all as text; the same rows are the same bytes."""
    schema = pa.schema([(str(name), pa.string()) for name in rows])
    table = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    file = BytesIO()
    parquet.write_table(table.replace_schema_metadata(None), file, compression="zstd")
    return file.getvalue()


def _raw_table(content: bytes, event: BatchRaw, dataset: Dataset) -> pd.DataFrame:
    """The raw table with all columns as text; None where there is no value."""
    table = read_raw(content, dataset, max_rows=event.rows)
    if table.num_rows != event.rows:
        raise PoisonError(f"{table.num_rows:,} rows, the event says {event.rows:,}")
    as_text = pa.schema([(name, pa.string()) for name in table.column_names])
    try:
        raw: pd.DataFrame = table.cast(as_text).to_pandas()
    except pa.ArrowException as error:
        raise PoisonError(f"the raw table cannot be read as text: {error}") from error
    return raw
