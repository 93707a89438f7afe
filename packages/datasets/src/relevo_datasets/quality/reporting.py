"""Makes the quality report of a batch that was cleaned; pure."""

from collections.abc import Mapping

import pandas as pd

from relevo_contracts import Feature, Target
from relevo_datasets import COLUMN, REASON, SPLIT, TARGET, Cleaned, Dataset
from relevo_datasets.quality.report import (
    ColumnQuality,
    Fault,
    QualityReport,
    TargetNumbers,
)
from relevo_datasets.splitting import SPLITS
from relevo_features import UNKNOWN_WORD, Reader, kind_of

EXAMPLES = 3
LONGEST_EXAMPLE = 40


def report_of(
    cleaned: Cleaned,
    frame: pd.DataFrame,
    raw: pd.DataFrame,
    *,
    batch_id: str,
    dataset: Dataset,
    target: Target,
) -> QualityReport:
    """The report; `frame` are the cleaned rows of the raw ones with their SPLIT."""
    removed = dict(cleaned.removed)
    rows_out = len(frame)
    outcome = frame[TARGET]
    is_binary, is_number = target.task == "binary", target.task == "regression"
    return QualityReport(
        batch_id=batch_id,
        dataset=dataset.name,
        target=target.name,
        target_column=target.column,
        target_words=raw[target.column].str.strip().nunique(),
        task=target.task,
        rows_in=len(raw),
        rows_out=rows_out,
        rows_removed=sum(removed.values()),
        rows_quarantined=len(cleaned.quarantined),
        removed=removed,
        quarantined=_faults(cleaned.quarantined, dataset),
        columns={
            feature.name: _quality(frame[feature.name], feature, cleaned)
            for feature in dataset.features
        },
        splits={split: int((frame[SPLIT] == split).sum()) for split in SPLITS},
        classes={
            str(each.value): int((outcome == place).sum())
            for place, each in enumerate(target.classes)
        },
        target_rate=float(outcome.mean()) if rows_out and is_binary else None,
        target_numbers=_numbers(outcome) if rows_out and is_number else None,
    )


def _faults(quarantined: pd.DataFrame, dataset: Dataset) -> tuple[Fault, ...]:
    """The faults of the rows, the most frequent first."""
    features = {feature.raw_name: feature for feature in dataset.features}
    faults = []
    for (column, reason), rows in quarantined.groupby([COLUMN, REASON], sort=True):
        different = rows[column].drop_duplicates()
        values = different.head(EXAMPLES).tolist()
        is_word = str(reason).startswith(UNKNOWN_WORD)
        feature = features.get(str(column)) if is_word else None
        faults.append(
            Fault(
                column=str(column),
                reason=str(reason),
                rows=len(rows),
                different=int(different.count()),
                examples=tuple(map(_shown, values)),
                nearest=feature and Reader(feature).nearest(values[0]),
            )
        )
    return tuple(sorted(faults, key=lambda fault: -fault.rows))


def _quality(values: pd.Series, feature: Feature, cleaned: Cleaned) -> ColumnQuality:
    present = values.dropna()
    has_range = kind_of(feature).is_quantity and len(present) > 0
    unseen: Mapping[str, int] = cleaned.unseen.get(feature.name, {})
    frequent = max(unseen, key=lambda word: unseen[word], default=None)
    return ColumnQuality(
        missing=cleaned.missing[feature.name],
        minimum=float(present.min()) if has_range else None,
        maximum=float(present.max()) if has_range else None,
        unseen=dict(unseen),
        nearest=None if frequent is None else Reader(feature).nearest(frequent),
    )


def _numbers(outcome: pd.Series) -> TargetNumbers:
    return TargetNumbers(
        mean=float(outcome.mean()),
        sd=float(outcome.std(ddof=0)),
        minimum=float(outcome.min()),
        maximum=float(outcome.max()),
    )


def _shown(value: object) -> str | None:
    """A raw value as a report may show it: short; None where there was none."""
    if not isinstance(value, str):
        return None
    return value if len(value) <= LONGEST_EXAMPLE else f"{value[:LONGEST_EXAMPLE]}…"
