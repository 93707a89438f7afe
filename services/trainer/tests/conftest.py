"""Clean batches of diabetes130 for tests: invented encounters with something to learn."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from relevo_contracts import Feature
from relevo_datasets import GROUP, ROW_ID, SPLIT, TARGET, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.splitting import SplitRatios, splits_of
from trainer.learning.assignment import Assignment, Table
from trainer.learning.learning_set import LearningSet, assemble

DATASET = dataset_named("diabetes130")
MISSING_SHARE = 0.05


def _values(feature: Feature, rows: int, random: np.random.Generator) -> pd.Series:
    if feature.is_numeric:
        return pd.Series(random.poisson(2, rows) + int(feature.minimum or 0))
    if feature.kind == "boolean":
        return pd.Series(random.random(rows) < 0.5)
    words = list(feature.categories or ("428", "250.01", "401", "V58.6", "38", "E888", "7"))
    values = pd.Series(random.choice(words[:12], rows)).astype("str")
    if feature.nullable:
        values = values.mask(random.random(rows) < MISSING_SHARE)
    return values


@pytest.fixture
def clean_frame() -> Callable[[int, int], pd.DataFrame]:
    """(rows, seed) -> clean rows; who was often an inpatient comes back."""

    def frame(rows: int, seed: int) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        columns = {f.name: _values(f, rows, random) for f in DATASET.features}
        stays = columns["number_inpatient"].to_numpy()
        odds = 0.9 * stays - 2.5 + 0.6 * (columns["insulin"] == "Up").to_numpy()
        classes = random.random(rows) < 1 / (1 + np.exp(-odds))
        group = pd.Series([f"{seed}-{n // 2}" for n in range(rows)], dtype="str")
        keys = {
            ROW_ID: pd.Series([f"{seed}-{n}" for n in range(rows)], dtype="str"),
            GROUP: group,
            SPLIT: splits_of(group, SplitRatios(60, 20, 20), salt="test"),
        }
        target = {TARGET: pd.Series(classes.astype("int8"))}
        return pd.DataFrame({**keys, **columns, **target})

    return frame


@pytest.fixture
def as_table() -> Callable[..., Table]:
    """(frame, number, target="<30") -> the clean batch of that number."""

    def table(frame: pd.DataFrame, number: int, target: str = "<30") -> Table:
        content = CleanTable(frame, DATASET, target).to_parquet()
        sha256 = hashlib.sha256(content).hexdigest()
        key = f"clean/{DATASET.name}/{sha256}.parquet"
        return Table(f"{DATASET.name}-{number:04d}", key, sha256, content)

    return table


@pytest.fixture
def tables(
    clean_frame: Callable[[int, int], pd.DataFrame], as_table: Callable[..., Table]
) -> tuple[Table, ...]:
    """Two clean batches of 1,500 rows."""
    return tuple(as_table(clean_frame(1_500, number), number) for number in (1, 2))


@pytest.fixture
def learning(tables: tuple[Table, ...]) -> LearningSet:
    return assemble(tables)


@pytest.fixture
def assign() -> Callable[[Sequence[Table]], Assignment]:
    """Tables -> the job to learn from them."""

    def assignment(tables: Sequence[Table]) -> Assignment:
        return Assignment(
            dataset=DATASET.name,
            batch_id=tables[-1].batch_id,
            tables=tuple(tables),
            released_at=datetime(2026, 1, 2, tzinfo=UTC),
            cleaned_at=datetime(2026, 1, 2, 0, 1, tzinfo=UTC),
            code_version="0123456789ab",
            threads=2,
        )

    return assignment
