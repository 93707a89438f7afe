"""Clean batches for tests: invented rows with something to learn, of a dataset per task."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relevo_contracts import Feature, Task
from relevo_datasets import (
    GROUP,
    ROW_ID,
    SPLIT,
    TARGET,
    Dataset,
    dataset_named,
    read_declaration,
)
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.reading import typed
from relevo_datasets.splitting import SplitRatios, splits_of
from relevo_features import kind_of
from trainer.jobs.job import Choose
from trainer.judging.champion import Champion, OnDuty
from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import Candidate, candidates_for
from trainer.learning.fitting import Parameters
from trainer.learning.learning_set import LearningSet, assemble, dataset_of
from trainer.learning.stages import Progress, Stages
from trainer.learning.training import Trained, live_of, train

DECLARED = Path(__file__).parent / "declared"
DATASET = dataset_named("diabetes130")
MISSING_SHARE = 0.05
TREES = ("n_estimators", "max_iter")
MOST_TREES = 12

Frames = Callable[[int, int], pd.DataFrame]
AsTable = Callable[..., Table]
Assign = Callable[[Sequence[Table]], Assignment]
Learn = Callable[..., Trained]


@pytest.fixture(scope="session", autouse=True)
def _declared() -> Iterator[None]:
    """The regression is a person's own dataset."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RELEVO_DATASETS", str(DECLARED))
        yield


def _values(feature: Feature, rows: int, random: np.random.Generator) -> pd.Series:
    if kind_of(feature).is_quantity:
        values = pd.Series(random.poisson(2, rows) + int(feature.minimum or 0))
    elif kind_of(feature).words(feature) == (False, True):
        values = pd.Series(random.random(rows) < 0.5)
    else:
        words = feature.categories or ("428", "250.01", "401", "V58.6", "38", "E888", "7")
        values = pd.Series(random.choice(words[:12], rows)).astype("str")
    return values.mask(random.random(rows) < MISSING_SHARE) if feature.nullable else values


def _outcome(
    dataset: Dataset, columns: pd.DataFrame, random: np.random.Generator
) -> pd.Series:
    """Something that can be learned, in part."""
    rows = len(columns)
    if dataset.name == "homes":
        price = 50.0 * columns["area"] + 40.0 * (columns["district"] == "south")
        return pd.Series(price + random.normal(0, 40, rows))
    if dataset.name == "covertype":
        height = columns["Elevation"] + 2 * (columns["Wilderness_Area"] == "Cache")
        kind = (height + random.normal(0.5, 0.8, rows)).clip(0, 6.9)
        return pd.Series(kind).astype("int8")
    odds = 0.9 * columns["number_inpatient"] - 2.5 + 0.6 * (columns["insulin"] == "Up")
    return pd.Series(random.random(rows) < 1 / (1 + np.exp(-odds))).astype("int8")


def invented(dataset: Dataset, rows: int, seed: int) -> pd.DataFrame:
    """Clean rows; of diabetes130: who was often an inpatient comes back."""
    random = np.random.default_rng(seed)
    columns = {f.name: _values(f, rows, random) for f in dataset.features}
    features = typed(pd.DataFrame(columns), dataset.features)
    group = pd.Series([f"{seed}-{n // 2}" for n in range(rows)], dtype="str")
    keys = {
        ROW_ID: pd.Series([f"{seed}-{n}" for n in range(rows)], dtype="str"),
        GROUP: group,
        SPLIT: splits_of(group, SplitRatios(60, 20, 20), salt="test"),
    }
    target = {TARGET: _outcome(dataset, features, random)}
    return pd.concat([pd.DataFrame(keys), features, pd.DataFrame(target)], axis=1)


def table_of(
    dataset: Dataset, frame: pd.DataFrame, number: int, target: str | None = None
) -> Table:
    """The clean batch of that number."""
    name = target or dataset.default_target.name
    content = CleanTable(frame, dataset, name).to_parquet()
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"clean/{dataset.name}/{sha256}.parquet"
    return Table(f"{dataset.name}-{number:04d}", key, sha256, content)


@pytest.fixture(scope="session")
def clean_frame() -> Frames:
    """(rows, seed) -> clean rows of diabetes130."""
    return lambda rows, seed: invented(DATASET, rows, seed)


@pytest.fixture(scope="session")
def as_table() -> AsTable:
    """(frame, number, target="<30") -> the clean batch of diabetes130 of that number."""

    def table(frame: pd.DataFrame, number: int, target: str | None = None) -> Table:
        return table_of(DATASET, frame, number, target)

    return table


@pytest.fixture(scope="session")
def tables() -> tuple[Table, ...]:
    """Two clean batches of 1,500 rows of diabetes130."""
    return _two_tables(DATASET, 1_500)


@pytest.fixture(scope="session")
def tables_of(tables: tuple[Table, ...]) -> dict[Task, tuple[Table, ...]]:
    """By task two clean batches: of diabetes130, covertype and homes."""
    return {
        "binary": tables,
        "multiclass": _two_tables(dataset_named("covertype"), 1_200),
        "regression": _two_tables(read_declaration(DECLARED / "homes.toml"), 900),
    }


def _two_tables(dataset: Dataset, rows: int) -> tuple[Table, ...]:
    return tuple(
        table_of(dataset, invented(dataset, rows, number), number) for number in (1, 2)
    )


@pytest.fixture(scope="session")
def learning(tables: tuple[Table, ...]) -> LearningSet:
    """Of diabetes130; nobody changes it."""
    return assemble(tables)


@pytest.fixture(scope="session")
def assign() -> Assign:
    """Tables -> the job to learn from them."""

    def assignment(tables: Sequence[Table]) -> Assignment:
        return Assignment(
            dataset=tables[-1].batch_id.rpartition("-")[0],
            batch_id=tables[-1].batch_id,
            tables=tuple(tables),
            released_at=datetime(2026, 1, 2, tzinfo=UTC),
            cleaned_at=datetime(2026, 1, 2, 0, 1, tzinfo=UTC),
            code_version="0123456789ab",
            threads=2,
        )

    return assignment


@pytest.fixture
def assignment(assign: Assign, tables: tuple[Table, ...]) -> Assignment:
    """A job with a model and an experiment of its own."""
    return replace(assign(tables), dataset=f"own-{uuid.uuid4().hex}")


@pytest.fixture(scope="session")
def few_trees() -> Choose:
    """All candidates of a task, with so few trees that a test need not wait."""
    return _few_trees


@pytest.fixture(scope="session")
def quick() -> Choose:
    """The quickest of them to fit and to ask."""
    return _quick


def _few_trees(dataset: Dataset, task: Task) -> tuple[Candidate, ...]:
    return tuple(
        each if each.takes_finer else replace(each, parameters=_fewer(each.parameters))
        for each in candidates_for(dataset, task)
    )


def _fewer(parameters: Parameters) -> Parameters:
    return {
        name: min(value, MOST_TREES) if name in TREES else value
        for name, value in parameters.items()
    }


def _quick(dataset: Dataset, task: Task) -> tuple[Candidate, ...]:
    lightgbm = _few_trees(dataset, task)[1]
    faster = {**lightgbm.parameters, "learning_rate": 0.15}
    return (replace(lightgbm, parameters=faster),)


@pytest.fixture(scope="session")
def learn() -> Learn:
    """(assignment, champion=None, candidates=…) -> what comes of it, without MLflow."""

    def learned(
        assignment: Assignment,
        champion: Champion | None = None,
        *,
        candidates: Sequence[Candidate] | None = None,
        run_id: str = "run",
        told: list[Progress] | None = None,
    ) -> Trained:
        learning = assemble(assignment.tables)
        stages = Stages((told if told is not None else []).append)
        return train(
            assignment,
            learning,
            OnDuty(champion),
            run_id=run_id,
            stages=stages,
            candidates=candidates or _quick(DATASET, "binary"),
            live=live_of(champion, learning, stages),
        )

    return learned


@pytest.fixture(scope="session")
def first(learn: Learn, assign: Assign, tables: tuple[Table, ...]) -> Trained:
    """A quick model of the first batch of diabetes130, which met nobody."""
    return learn(assign(tables[:1]))


@pytest.fixture(scope="session")
def both(learn: Learn, assign: Assign, tables: tuple[Table, ...]) -> Trained:
    """The same of both batches."""
    return learn(assign(tables))


@pytest.fixture(scope="session")
def assignment_of(
    assign: Assign, tables_of: dict[Task, tuple[Table, ...]]
) -> dict[Task, Assignment]:
    """By task the job to learn from two batches."""
    return {task: assign(tables) for task, tables in tables_of.items()}


@pytest.fixture(scope="session")
def trained_of(
    learn: Learn, few_trees: Choose, assignment_of: dict[Task, Assignment]
) -> dict[Task, Trained]:
    """By task the best of all candidates, with few trees each; they met nobody."""
    return {
        task: learn(each, candidates=few_trees(dataset_of(each.tables[0]), task))
        for task, each in assignment_of.items()
    }
