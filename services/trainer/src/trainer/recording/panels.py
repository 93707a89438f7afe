"""The panels of a model's picture that every task has."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from relevo_contracts.statistics import FIGURES
from trainer.judging.comparison import Answers, Numbers, Outcomes
from trainer.judging.evaluation import Evaluation

MOST_BARS = 15
POINTS = 500
GREY = "0.6"
LONGEST = 24


@dataclass(frozen=True)
class Shown:
    """The test rows, what a model said of them, and what its champion did, if any."""

    y: Outcomes
    answers: Answers
    evaluation: Evaluation
    champion: Answers | None


def calibration(axes: Axes, shown: Shown) -> None:
    """What came against what was said, on the diagonal at best."""
    said = [each.said for each in shown.evaluation.calibration]
    came = [each.came for each in shown.evaluation.calibration]
    ends = [min(0.0, *said, *came), max(*said, *came)]
    axes.plot(ends, ends, color=GREY, linewidth=0.8)
    axes.plot(said, came, marker="o")
    axes.set(title="calibration, by tenths", xlabel="said", ylabel="came")


def importance(axes: Axes, shown: Shown) -> None:
    """The inputs that the answer hangs on most."""
    evaluation = shown.evaluation
    largest = list(evaluation.importance.items())[:MOST_BARS][::-1]
    axes.barh([short(name) for name, _ in largest], [lost for _, lost in largest])
    axes.tick_params(axis="y", labelsize=8)
    axes.set(title=f"{FIGURES[evaluation.figure]} lost when an input is shuffled")


def slices(axes: Axes, shown: Shown) -> None:
    """The leading figure of each slice, and of all rows as a line."""
    evaluation = shown.evaluation
    listed = evaluation.slices[::-1]
    places = range(len(listed))
    values = [each.figure.value for each in listed]
    errors = [each.figure.value - each.figure.low for each in listed]
    axes.axvline(evaluation.leading.value, color=GREY, linewidth=0.8)
    axes.errorbar(values, places, xerr=errors, fmt="o", markersize=4)
    axes.set_yticks(
        list(places), [short(f"{s.feature} {s.value}") for s in listed], fontsize=7
    )
    axes.set(title=f"{FIGURES[evaluation.figure]} by slice", xlabel="95 % interval")


def short(name: str) -> str:
    """A name as there is room for it beside a panel."""
    return name if len(name) <= LONGEST else f"{name[:LONGEST]}…"


def thinned(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """A curve of some hundred points looks as one of thousands."""
    if x.size <= POINTS:
        return x, y
    places = np.linspace(0, x.size - 1, POINTS).astype(int)
    return x[places], y[places]
