"""One picture of a model on its test rows: six panels, drawn without a display."""

from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from relevo_contracts import Task
from trainer.judging.comparison import Answers, Outcomes
from trainer.judging.evaluation import Evaluation
from trainer.recording import class_panels, number_panels, panels
from trainer.recording.panels import Shown

PANELS: Mapping[Task, tuple[Callable[[Axes, Shown], None], ...]] = MappingProxyType(
    {
        "binary": (
            class_panels.roc,
            class_panels.precision_recall,
            panels.calibration,
            class_panels.confusion,
            panels.importance,
            panels.slices,
        ),
        "multiclass": (
            class_panels.roc_of_each,
            class_panels.recall_of_each,
            panels.calibration,
            class_panels.confusion,
            panels.importance,
            panels.slices,
        ),
        "regression": (
            number_panels.said_and_came,
            number_panels.residuals,
            panels.calibration,
            number_panels.errors,
            panels.importance,
            panels.slices,
        ),
    }
)
"""What is worth a look, by task."""


def draw(
    title: str,
    y: Outcomes,
    answers: Answers,
    evaluation: Evaluation,
    champion: Answers | None,
) -> bytes:
    """A PNG of the task's six panels.

    champion: its answers to the same rows, drawn beside the challenger's where it can be.
    """
    figure = Figure(figsize=(16, 9), dpi=80)
    # fixed places: finding them out would draw everything twice
    figure.subplots_adjust(0.05, 0.06, 0.99, 0.92, wspace=0.4, hspace=0.3)
    figure.suptitle(title)
    shown = Shown(y, answers, evaluation, champion)
    drawings = PANELS[evaluation.target.task]
    for axes, panel in zip(figure.subplots(2, 3).flat, drawings, strict=True):
        panel(axes, shown)
    png = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(png, format="png")
    return png.getvalue()
