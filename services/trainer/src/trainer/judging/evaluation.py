"""How a model behaves on rows that it did not learn from."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from relevo_contracts import Feature, Target
from relevo_contracts.manifest import Interval
from relevo_features import kind_of
from trainer.judging.comparison import Answers, Numbers, Outcomes
from trainer.judging.rule import Confusion, Rule
from trainer.judging.tasks import TASKS, TaskMeaning

BINS = 10
SMALLEST_SLICE = 100
QUARTILES = (0.25, 0.5, 0.75)
MISSING = "missing"

Mask = NDArray[np.bool_]
"""Which rows, (rows,)."""


@dataclass(frozen=True)
class Bin:
    """One tenth of the rows, by what was said: its mean, and that of what came."""

    rows: int
    said: float
    came: float


@dataclass(frozen=True)
class Slice:
    """The rows of one value of a feature; `missing` is a value too.

    said, came: means, as in a Bin. figure: the task's leading one.
    """

    feature: str
    value: str
    rows: int
    said: float
    came: float
    figure: Interval
    rates: dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """One model on rows that it did not learn from.

    metrics: all figures of the target's task. rates: of answers that were told by the
    rule, which was chosen on validation. importance: per input, how much of the leading
    figure is lost without it.
    """

    target: Target
    rows: int
    rule: Rule
    metrics: dict[str, Interval]
    rates: dict[str, float]
    calibration: tuple[Bin, ...]
    confusion: Confusion | None
    slices: tuple[Slice, ...]
    importance: dict[str, float]

    @property
    def figure(self) -> str:
        """The name of the leading figure."""
        return TASKS[self.target.task].FIGURE

    @property
    def leading(self) -> Interval:
        """The leading figure."""
        return self.metrics[self.figure]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        intervals = {name: each.model_dump() for name, each in self.metrics.items()}
        slices = [
            asdict(each) | {"figure": each.figure.model_dump()} for each in self.slices
        ]
        target = self.target.model_dump()
        plain = {"target": target, "metrics": intervals, "slices": slices}
        return asdict(self) | plain | {"figure": self.figure}


def calibration(said: Numbers, came: Numbers) -> tuple[Bin, ...]:
    """Tenths of the rows by what was said, the lowest first."""
    order = np.argsort(said, kind="stable")
    return tuple(
        Bin(rows.size, float(said[rows].mean()), float(came[rows].mean()))
        for rows in np.array_split(order, BINS)
        if rows.size
    )


def slices(
    task: TaskMeaning,
    frame: pd.DataFrame,
    features: Sequence[Feature],
    y: Outcomes,
    answers: Answers,
    rule: Rule,
) -> tuple[Slice, ...]:
    """Per value of each of the features; those that cannot be judged are left out."""
    said, came = task.said_and_came(y, answers)
    found = []
    for feature in features:
        for value, own in _sliced(frame[feature.name], feature):
            if np.count_nonzero(own) < SMALLEST_SLICE or not task.is_enough(y[own]):
                continue
            found.append(
                Slice(
                    feature=feature.name,
                    value=value,
                    rows=int(np.count_nonzero(own)),
                    said=float(said[own].mean()),
                    came=float(came[own].mean()),
                    figure=task.leading(y[own], answers[own]),
                    rates=task.rates(y[own], answers[own], rule),
                )
            )
    return tuple(found)


def _sliced(column: pd.Series, feature: Feature) -> Iterator[tuple[str, Mask]]:
    """The name of each slice and its rows; a quantity is cut at its quartiles."""
    if kind_of(feature).is_quantity:
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        known = ~np.isnan(numbers)
        inner = np.unique(np.nanquantile(numbers, QUARTILES) if known.any() else numbers)
        parts = np.searchsorted(inner, numbers)
        for part in range(len(inner) + 1):
            own = known & (parts == part)
            if own.any():
                yield f"{numbers[own].min():g} to {numbers[own].max():g}", own
        yield MISSING, ~known
        return
    values = column.astype("str").fillna(MISSING).to_numpy(dtype=object)
    for value in sorted(set(values)):
        yield str(value), values == value


def permutation_importance(
    task: TaskMeaning,
    answer: Callable[[Numbers], Answers],
    matrix: Numbers,
    y: Outcomes,
    names: Sequence[str],
    *,
    threads: int = 1,
) -> dict[str, float]:
    """What the leading figure loses when an input's values change places; most first."""
    order = np.random.default_rng(0).permutation(y.size)
    whole = task.leading(y, answer(matrix)).value

    def lost(place: int) -> float:
        mixed = matrix.copy()
        mixed[:, place] = matrix[order, place]
        return whole - task.leading(y, answer(mixed)).value

    with ThreadPoolExecutor(threads) as pool:
        losses = dict(zip(names, pool.map(lost, range(len(names))), strict=True))
    return dict(sorted(losses.items(), key=lambda item: -item[1]))
