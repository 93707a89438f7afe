"""How a model behaves on rows that it did not learn from: curves, slices, importance."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from relevo_contracts.manifest import Interval
from trainer.judging.delong import Numbers, auc_and_error
from trainer.judging.intervals import normal

Classes = NDArray[np.int8]

BINS = 10
SMALLEST_SLICE = 100


@dataclass(frozen=True)
class Bin:
    """One tenth of the rows, by probability: what was predicted and what came."""

    rows: int
    predicted: float
    observed: float


@dataclass(frozen=True)
class Confusion:
    """Counts when a probability from the threshold on is answered by 1."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def rates(self) -> dict[str, float]:
        """Precision, recall and specificity."""
        hits, misses = self.true_positive, self.false_negative
        said = max(hits + self.false_positive, 1)
        others = max(self.true_negative + self.false_positive, 1)
        return {
            "precision": hits / said,
            "recall": hits / max(hits + misses, 1),
            "specificity": self.true_negative / others,
        }


@dataclass(frozen=True)
class Slice:
    """The rows of one value of a feature; `missing` is a value too."""

    feature: str
    value: str
    rows: int
    target_rate: float
    mean_probability: float
    roc_auc: Interval
    recall: float


@dataclass(frozen=True)
class Evaluation:
    """One model on rows that it did not learn from."""

    rows: int
    threshold: float
    metrics: dict[str, Interval]
    calibration: tuple[Bin, ...]
    confusion: Confusion
    slices: tuple[Slice, ...]
    importance: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        intervals = {name: each.model_dump() for name, each in self.metrics.items()}
        slices = [
            asdict(each) | {"roc_auc": each.roc_auc.model_dump()} for each in self.slices
        ]
        return asdict(self) | {"metrics": intervals, "slices": slices}


def calibration(y: Classes, probability: Numbers) -> tuple[Bin, ...]:
    """Tenths of the rows by probability, the lowest first."""
    order = np.argsort(probability, kind="stable")
    return tuple(
        Bin(rows.size, float(probability[rows].mean()), float(y[rows].mean()))
        for rows in np.array_split(order, BINS)
        if rows.size
    )


def best_threshold(y: Classes, probability: Numbers) -> float:
    """The threshold of the largest F1 score; chosen on validation, never on test."""
    order = np.argsort(-probability, kind="stable")
    scores = probability[order]
    hits = np.cumsum(y[order], dtype=np.int64)
    f1 = 2 * hits / (np.arange(1, y.size + 1) + hits[-1])
    # a threshold takes all rows of one probability or none
    ends = np.append(np.flatnonzero(np.diff(scores)), scores.size - 1)
    return float(scores[ends[int(np.argmax(f1[ends]))]])


def confusion(y: Classes, probability: Numbers, threshold: float) -> Confusion:
    """The four counts."""
    says, is_so = probability >= threshold, y == 1
    return Confusion(
        true_positive=int(np.sum(says & is_so)),
        false_positive=int(np.sum(says & ~is_so)),
        false_negative=int(np.sum(~says & is_so)),
        true_negative=int(np.sum(~says & ~is_so)),
    )


def slices(
    frame: pd.DataFrame,
    names: Sequence[str],
    y: Classes,
    probability: Numbers,
    threshold: float,
) -> tuple[Slice, ...]:
    """Per value of each named column; those of few rows or of one class are left out."""
    found = []
    for name in names:
        values = frame[name].astype("str").fillna("missing").to_numpy(dtype=object)
        for value in sorted(set(values)):
            chosen = values == value
            own, said = y[chosen], probability[chosen]
            if own.size < SMALLEST_SLICE or min(own.sum(), (1 - own).sum()) < 2:
                continue
            found.append(
                Slice(
                    feature=name,
                    value=str(value),
                    rows=own.size,
                    target_rate=float(own.mean()),
                    mean_probability=float(said.mean()),
                    roc_auc=normal(*auc_and_error(own, said)),
                    recall=confusion(own, said, threshold).rates["recall"],
                )
            )
    return tuple(found)


def permutation_importance(
    predict: Callable[[Numbers], Numbers],
    matrix: Numbers,
    y: Classes,
    names: Sequence[str],
    *,
    threads: int = 1,
) -> dict[str, float]:
    """How much ROC-AUC is lost when an input's values change places; the largest first."""
    order = np.random.default_rng(0).permutation(y.size)
    whole = float(roc_auc_score(y, predict(matrix)))

    def lost(place: int) -> float:
        mixed = matrix.copy()
        mixed[:, place] = matrix[order, place]
        return whole - float(roc_auc_score(y, predict(mixed)))

    with ThreadPoolExecutor(threads) as pool:
        losses = dict(zip(names, pool.map(lost, range(len(names))), strict=True))
    return dict(sorted(losses.items(), key=lambda item: -item[1]))
