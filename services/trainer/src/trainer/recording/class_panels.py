"""The panels of a model that answers classes."""

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import precision_recall_curve, roc_curve

from trainer.recording.panels import GREY, Shown, short, thinned

MOST_CLASSES = 12
"""Of more the counts could not be read, and a legend hides the curves."""
FEWEST = 2
"""Rows of a class, and others, that make a curve."""


def roc(axes: Axes, shown: Shown) -> None:
    """The curve of challenger and champion."""
    auc = shown.evaluation.leading
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    if shown.champion is not None:
        x, height, _ = roc_curve(shown.y, shown.champion[:, 0])
        axes.plot(*thinned(x, height), color=GREY, label="champion")
    x, height, _ = roc_curve(shown.y, shown.answers[:, 0])
    label = f"{auc.value:.4f} ({auc.low:.3f} to {auc.high:.3f})"
    axes.plot(*thinned(x, height), label=label)
    axes.set(title="ROC", xlabel="false positives", ylabel="true positives")
    axes.legend(loc="lower right")


def precision_recall(axes: Axes, shown: Shown) -> None:
    """The curve of challenger and champion, and the share of class 1 as a line."""
    area = shown.evaluation.metrics["pr_auc"]
    axes.axhline(float(shown.y.mean()), color=GREY, linewidth=0.8)
    if shown.champion is not None:
        precision, recall, _ = precision_recall_curve(shown.y, shown.champion[:, 0])
        axes.plot(*thinned(recall, precision), color=GREY, label="champion")
    precision, recall, _ = precision_recall_curve(shown.y, shown.answers[:, 0])
    label = f"{area.value:.4f} ({area.low:.3f} to {area.high:.3f})"
    axes.plot(*thinned(recall, precision), label=label)
    axes.set(title="precision and recall", xlabel="recall", ylabel="precision", ylim=(0, 1))
    axes.legend(loc="upper right")


def roc_of_each(axes: Axes, shown: Shown) -> None:
    """The curve of each class against the rest."""
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    for place, each in enumerate(shown.evaluation.target.classes):
        is_one = shown.y == place
        if min(is_one.sum(), (~is_one).sum()) >= FEWEST:
            x, height, _ = roc_curve(is_one, shown.answers[:, place])
            axes.plot(*thinned(x, height), linewidth=1, label=short(each.label))
    area = shown.evaluation.metrics["roc_auc_ovr"]
    title = f"ROC of each class: {area.value:.4f} ({area.low:.3f} to {area.high:.3f})"
    axes.set(title=title, xlabel="false positives", ylabel="true positives")
    if len(shown.evaluation.target.classes) <= MOST_CLASSES:
        axes.legend(loc="lower right", fontsize=7)


def recall_of_each(axes: Axes, shown: Shown) -> None:
    """Of each class the share that is found, and of its answers the share that is right."""
    counts = np.array(shown.evaluation.confusion)
    hits = counts.diagonal()
    places = np.arange(len(hits))
    recall = hits / np.maximum(counts.sum(axis=1), 1)
    precision = hits / np.maximum(counts.sum(axis=0), 1)
    axes.barh(places - 0.2, recall, height=0.4, label="recall")
    axes.barh(places + 0.2, precision, height=0.4, label="precision")
    labels = [short(each.label) for each in shown.evaluation.target.classes]
    axes.set_yticks(list(places), labels, fontsize=7)
    axes.invert_yaxis()
    axes.set(title="recall and precision of each class", xlim=(0, 1.3))
    axes.legend(loc="upper right", fontsize=7)


def confusion(axes: Axes, shown: Shown) -> None:
    """Counts of what came and what was answered; shades are shares of what came."""
    counts = np.array(shown.evaluation.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    is_readable = len(counts) <= MOST_CLASSES
    for (row, column), count in np.ndenumerate(counts if is_readable else []):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=shade)
    values = [str(each.value) for each in shown.evaluation.target.classes]
    axes.set_xticks(range(len(values)), values)
    axes.set_yticks(range(len(values)), values)
    threshold = shown.evaluation.rule.threshold
    told = "" if threshold is None else f" at {threshold:.3f}"
    axes.set(title=f"confusion{told}", xlabel="answered", ylabel="is")
