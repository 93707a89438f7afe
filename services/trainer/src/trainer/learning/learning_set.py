"""All clean batches so far as one table: what is learned from, chosen on and tested on."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from relevo_contracts import PoisonError, Target
from relevo_datasets import (
    ROW_ID,
    SPLIT,
    TARGET,
    Dataset,
    DeclarationError,
    dataset_named,
)
from relevo_datasets.clean_table import DATASET_KEY, CleanTable
from relevo_datasets.derived import derive
from relevo_datasets.splitting import SPLITS, TRAIN
from trainer.judging.comparison import Outcomes
from trainer.judging.tasks import TASKS, TaskMeaning, check
from trainer.learning.assignment import Table

Rows = NDArray[np.intp]
"""Positions of rows in the frame."""


@dataclass(frozen=True)
class LearningSet:
    """Rows of all batches, each row_id once.

    derived: the model's inputs of the same rows; y: what came, see Outcomes.
    newest: the rows that came with the newest batch and were never seen before.
    batches: the ids of the batches in it; repeats: rows that were left out.
    """

    dataset: Dataset
    target: Target
    frame: pd.DataFrame
    derived: pd.DataFrame
    y: Outcomes
    newest: Rows
    batches: tuple[str, ...]
    repeats: int

    @property
    def task(self) -> TaskMeaning:
        """What kind of target it is."""
        return TASKS[self.target.task]

    def rows(self, split: str) -> Rows:
        """The rows of a split."""
        return np.flatnonzero((self.frame[SPLIT] == split).to_numpy())


def dataset_of(table: Table) -> Dataset:
    """What the table says that it is one of, without reading it all; raises PoisonError."""
    try:
        metadata = parquet.read_schema(BytesIO(table.content)).metadata or {}
        return dataset_named(metadata[DATASET_KEY].decode())
    except (pa.ArrowException, OSError, UnicodeError, KeyError, DeclarationError) as error:
        raise PoisonError(f"not a clean table: {error}") from error


def assemble(tables: Sequence[Table]) -> LearningSet:
    """The batches as one learning set; the last table is the newest batch.

    Of a row that came twice, the first counts. Batches that were cleaned for another
    target than the newest one are left out: their outcomes mean something else.
    Raises PoisonError for a table that is none, and for rows that teach nothing.
    """
    read = [CleanTable.from_parquet(table.content) for table in tables]
    newest = read[-1]
    used = [clean.target == newest.target for clean in read]
    frames = [clean.frame for clean, is_used in zip(read, used, strict=True) if is_used]
    is_repeat = pd.concat([frame[ROW_ID] for frame in frames]).duplicated().to_numpy()
    is_new = np.repeat([False] * (len(frames) - 1) + [True], [len(f) for f in frames])
    frame = pd.concat(frames, ignore_index=True)[~is_repeat].reset_index(drop=True)
    target = newest.dataset.targets[newest.target]
    y = frame[TARGET].to_numpy()
    for split in SPLITS:
        is_learned = split == TRAIN
        check(target, split, y[frame[SPLIT] == split], is_learned=is_learned)
    return LearningSet(
        dataset=newest.dataset,
        target=target,
        frame=frame,
        derived=derive(frame, newest.dataset.meaning),
        y=y,
        newest=np.flatnonzero(is_new[~is_repeat]),
        batches=tuple(
            t.batch_id for t, is_used in zip(tables, used, strict=True) if is_used
        ),
        repeats=int(is_repeat.sum()),
    )
