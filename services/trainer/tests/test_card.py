"""What a person reads and sees of a version."""

from collections.abc import Callable, Sequence

import pytest

from trainer.learning.assignment import Assignment, Table
from trainer.learning.candidates import CANDIDATES
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages
from trainer.learning.training import Trained, train
from trainer.recording.card import write_card
from trainer.recording.plots import draw


@pytest.fixture
def assignment(
    assign: Callable[[Sequence[Table]], Assignment], tables: Sequence[Table]
) -> Assignment:
    return assign(tables)


@pytest.fixture
def trained(assignment: Assignment) -> Trained:
    return train(
        assignment,
        assemble(assignment.tables),
        None,
        run_id="run",
        stages=Stages(lambda _: None),
        candidates=CANDIDATES[-1:],
    )


def test_a_card_tells_the_verdict_the_figures_the_slices_and_the_limits(
    assignment: Assignment, trained: Trained
) -> None:
    card = write_card(assignment, trained)

    auc = trained.challenger.evaluation.metrics["roc_auc"]
    assert f"| roc_auc | {auc.value:.4f} | {auc.low:.4f} to {auc.high:.4f} |" in card
    assert "**Promoted**: beats chance beyond noise" in card
    assert "| gender Female |" in card
    assert "number_inpatient (" in card
    assert "## Limits" in card


@pytest.mark.parametrize("has_champion", [False, True])
def test_the_picture_is_drawn_with_and_without_a_champion(
    trained: Trained, has_champion: bool
) -> None:
    y = trained.learning.y[trained.learning.rows("test")]
    champion = trained.challenger.test[::-1] if has_champion else None

    picture = draw(
        "title", y, trained.challenger.test, trained.challenger.evaluation, champion
    )

    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000
