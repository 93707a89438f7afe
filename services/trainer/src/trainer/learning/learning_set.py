"""All clean batches so far as one table: what is learned from, chosen on and tested on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from relevo_contracts import PoisonError
from relevo_datasets import ROW_ID, SPLIT, TARGET, Dataset
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.derived import derive
from relevo_datasets.splitting import SPLITS
from trainer.learning.assignment import Table

Rows = NDArray[np.intp]
"""Positions of rows in the frame."""


@dataclass(frozen=True)
class LearningSet:
    """Rows of all batches, each row_id once.

    derived: the model's inputs of the same rows; y: the classes, 0 or 1.
    newest: the rows that came with the newest batch and were never seen before.
    batches: the ids of the batches in it; repeats: rows that were left out.
    """

    dataset: Dataset
    target: str
    frame: pd.DataFrame
    derived: pd.DataFrame
    y: NDArray[np.int8]
    newest: Rows
    batches: tuple[str, ...]
    repeats: int

    def rows(self, split: str) -> Rows:
        """The rows of a split."""
        return np.flatnonzero((self.frame[SPLIT] == split).to_numpy())


def assemble(tables: Sequence[Table]) -> LearningSet:
    """The batches as one learning set; the last table is the newest batch.

    Of a row that came twice, the first counts. Batches that were cleaned for another
    target than the newest one are left out: their classes mean something else.
    Raises PoisonError for a table that is none, and when a split lacks a class.
    """
    read = [CleanTable.from_parquet(table.content) for table in tables]
    newest = read[-1]
    used = [clean.target == newest.target for clean in read]
    frames = [clean.frame for clean, is_used in zip(read, used, strict=True) if is_used]
    is_repeat = pd.concat([frame[ROW_ID] for frame in frames]).duplicated().to_numpy()
    is_new = np.repeat([False] * (len(frames) - 1) + [True], [len(f) for f in frames])
    frame = pd.concat(frames, ignore_index=True)[~is_repeat].reset_index(drop=True)
    y = frame[TARGET].to_numpy(dtype=np.int8)
    _check_classes(frame[SPLIT], y)
    return LearningSet(
        dataset=newest.dataset,
        target=newest.target,
        frame=frame,
        derived=derive(frame, newest.dataset.name),
        y=y,
        newest=np.flatnonzero(is_new[~is_repeat]),
        batches=tuple(
            t.batch_id for t, is_used in zip(tables, used, strict=True) if is_used
        ),
        repeats=int(is_repeat.sum()),
    )


def _check_classes(splits: pd.Series, y: NDArray[np.int8]) -> None:
    for split in SPLITS:
        classes = np.unique(y[(splits == split).to_numpy()])
        if len(classes) < 2:
            raise PoisonError(f"the {split} rows do not have both classes: {classes}")
