"""One picture of a model on its test rows: six panels, drawn without a display."""

from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from trainer.judging.delong import Numbers
from trainer.judging.evaluation import Classes, Evaluation

MOST_BARS = 15
POINTS = 500
GREY = "0.6"


def draw(
    title: str,
    y: Classes,
    probability: Numbers,
    evaluation: Evaluation,
    champion: Numbers | None,
) -> bytes:
    """A PNG: ROC, PR, calibration, confusion, importance, slices.

    champion: its probabilities of the same rows, drawn beside the challenger's.
    """
    figure = Figure(figsize=(16, 9), dpi=80)
    # fixed places: finding them out would draw everything twice
    figure.subplots_adjust(0.04, 0.06, 0.99, 0.92, wspace=0.4, hspace=0.3)
    axes = figure.subplots(2, 3)
    figure.suptitle(title)
    _roc(axes[0, 0], y, probability, evaluation, champion)
    _precision_recall(axes[0, 1], y, probability, evaluation, champion)
    _calibration(axes[0, 2], evaluation)
    _confusion(axes[1, 0], evaluation)
    _importance(axes[1, 1], evaluation)
    _slices(axes[1, 2], evaluation)
    png = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(png, format="png")
    return png.getvalue()


def _roc(
    axes: Axes,
    y: Classes,
    probability: Numbers,
    evaluation: Evaluation,
    champion: Numbers | None,
) -> None:
    auc = evaluation.metrics["roc_auc"]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    if champion is not None:
        x, height, _ = roc_curve(y, champion)
        axes.plot(*_thinned(x, height), color=GREY, label="champion")
    x, height, _ = roc_curve(y, probability)
    label = f"{auc.value:.4f} ({auc.low:.3f} to {auc.high:.3f})"
    axes.plot(*_thinned(x, height), label=label)
    axes.set(title="ROC", xlabel="false positives", ylabel="true positives")
    axes.legend(loc="lower right")


def _precision_recall(
    axes: Axes,
    y: Classes,
    probability: Numbers,
    evaluation: Evaluation,
    champion: Numbers | None,
) -> None:
    area = evaluation.metrics["pr_auc"]
    axes.axhline(float(y.mean()), color=GREY, linewidth=0.8)
    if champion is not None:
        precision, recall, _ = precision_recall_curve(y, champion)
        axes.plot(*_thinned(recall, precision), color=GREY, label="champion")
    precision, recall, _ = precision_recall_curve(y, probability)
    label = f"{area.value:.4f} ({area.low:.3f} to {area.high:.3f})"
    axes.plot(*_thinned(recall, precision), label=label)
    axes.set(title="precision and recall", xlabel="recall", ylabel="precision", ylim=(0, 1))
    axes.legend(loc="upper right")


def _calibration(axes: Axes, evaluation: Evaluation) -> None:
    predicted = [each.predicted for each in evaluation.calibration]
    observed = [each.observed for each in evaluation.calibration]
    most = max(*predicted, *observed)
    axes.plot([0, most], [0, most], color=GREY, linewidth=0.8)
    axes.plot(predicted, observed, marker="o")
    axes.set(title="calibration, by tenths", xlabel="predicted", ylabel="observed")


def _confusion(axes: Axes, evaluation: Evaluation) -> None:
    counts = evaluation.confusion
    table = np.array(
        [
            [counts.true_negative, counts.false_positive],
            [counts.false_negative, counts.true_positive],
        ]
    )
    axes.imshow(table, cmap="Blues")
    for (row, column), count in np.ndenumerate(table):
        shade = "white" if count > table.max() / 2 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=shade)
    axes.set(
        title=f"confusion at {evaluation.threshold:.3f}",
        xlabel="answered",
        ylabel="is",
        xticks=[0, 1],
        yticks=[0, 1],
    )


def _importance(axes: Axes, evaluation: Evaluation) -> None:
    largest = list(evaluation.importance.items())[:MOST_BARS][::-1]
    axes.barh([name for name, _ in largest], [lost for _, lost in largest])
    axes.tick_params(axis="y", labelsize=8)
    axes.set(title="ROC-AUC lost when an input is shuffled")


def _slices(axes: Axes, evaluation: Evaluation) -> None:
    slices = evaluation.slices[::-1]
    places = range(len(slices))
    values = [each.roc_auc.value for each in slices]
    errors = [each.roc_auc.value - each.roc_auc.low for each in slices]
    axes.axvline(evaluation.metrics["roc_auc"].value, color=GREY, linewidth=0.8)
    axes.errorbar(values, places, xerr=errors, fmt="o", markersize=4)
    axes.set_yticks(list(places), [f"{s.feature} {s.value}" for s in slices], fontsize=7)
    axes.set(title="ROC-AUC by slice", xlabel="95 % interval")


def _thinned(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """A curve of some hundred points looks as one of thousands."""
    if x.size <= POINTS:
        return x, y
    places = np.linspace(0, x.size - 1, POINTS).astype(int)
    return x[places], y[places]
