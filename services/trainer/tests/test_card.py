"""What a person reads and sees of a version."""

from typing import get_args

import pytest

from relevo_contracts import Task
from relevo_contracts.statistics import FIGURES
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording.card import write_card
from trainer.recording.plots import draw

every_task = pytest.mark.parametrize("task", get_args(Task))
PROMISES = {
    "binary": "the probability of “readmitted within 30 days” against “not readmitted",
    "multiclass": "the probabilities of “Spruce/Fir”, “Lodgepole Pine”",
    "regression": "the number price",
}
DECISIONS = {
    "binary": "From a probability of 0.",
    "multiclass": "The answer is the class of the largest probability: macro precision 0.",
    "regression": "around it (so did 90 % of the validation rows): interval coverage 0.",
}
IMPORTANT = {
    "binary": "number_inpatient (0.",
    "multiclass": "Elevation (0.",
    "regression": "area (",
}
SLICES = {
    "binary": "| gender Female |",
    "multiclass": "| Wilderness_Area ",
    "regression": "| district north |",
}


@every_task
def test_a_card_tells_promise_verdict_figures_slices_and_limits(
    trained_of: dict[Task, Trained], assignment_of: dict[Task, Assignment], task: Task
) -> None:
    trained = trained_of[task]
    card = write_card(assignment_of[task], trained)

    evaluation = trained.challenger.evaluation
    best = evaluation.leading
    words = FIGURES[evaluation.figure]
    assert f"| {words} | {best.value:.4f} | {best.low:.4f} to {best.high:.4f} |" in card
    assert f"**Promoted**: {trained.verdict.reason}." in card
    assert PROMISES[task] in card
    assert DECISIONS[task] in card
    assert SLICES[task] in card
    assert IMPORTANT[task] in card
    assert "## Limits" in card


@every_task
@pytest.mark.parametrize(
    "has_champion", [True, pytest.param(False, marks=pytest.mark.slow)]
)
def test_the_picture_is_drawn_with_and_without_a_champion(
    trained_of: dict[Task, Trained], task: Task, has_champion: bool
) -> None:
    trained = trained_of[task]
    y = trained.learning.y[trained.learning.rows("test")]
    answers = trained.challenger.test
    champion = answers[::-1] if has_champion else None

    picture = draw("title", y, answers, trained.challenger.evaluation, champion)

    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000
