"""The panels of a model that answers a number."""

import numpy as np
from matplotlib.axes import Axes

from trainer.judging.comparison import Numbers
from trainer.recording.panels import GREY, POINTS, Shown

BARS = 40
TENTHS = 10


def said_and_came(axes: Axes, shown: Shown) -> None:
    """A dot for each of some hundred rows, on the diagonal at best."""
    score = shown.evaluation.leading
    places = np.unique(np.linspace(0, shown.y.size - 1, POINTS).astype(int))
    said, came = shown.answers[places, 0], shown.y[places]
    ends = [min(said.min(), came.min()), max(said.max(), came.max())]
    axes.plot(ends, ends, color=GREY, linewidth=0.8)
    axes.scatter(said, came, s=6, alpha=0.5)
    title = f"R² {score.value:.4f} ({score.low:.3f} to {score.high:.3f})"
    axes.set(title=title, xlabel="said", ylabel="came")


def residuals(axes: Axes, shown: Shown) -> None:
    """How far what came is from what was said, and the ends of the interval."""
    axes.hist(shown.y - shown.answers[:, 0], bins=BARS)
    for end in shown.evaluation.rule.residuals or ():
        axes.axvline(end, color=GREY, linewidth=0.8)
    coverage = shown.evaluation.rates["interval_coverage"]
    axes.set(title=f"came less said; {coverage:.1%} inside of the interval", ylabel="rows")


def errors(axes: Axes, shown: Shown) -> None:
    """The mean absolute error by tenths of what was said, beside the champion's."""
    order = np.array_split(np.argsort(shown.answers[:, 0], kind="stable"), TENTHS)
    tenths = [rows for rows in order if rows.size]
    said = [shown.answers[rows, 0].mean() for rows in tenths]
    if shown.champion is not None:
        axes.plot(
            said, _errors(shown, shown.champion, tenths), color=GREY, label="champion"
        )
    axes.plot(said, _errors(shown, shown.answers, tenths), marker="o", label="challenger")
    axes.set(title="mean absolute error, by tenths", xlabel="said", ylim=(0, None))
    axes.legend(loc="upper left")


def _errors(shown: Shown, answers: Numbers, tenths: list[np.ndarray]) -> list[float]:
    return [float(np.abs(answers[rows, 0] - shown.y[rows]).mean()) for rows in tenths]
