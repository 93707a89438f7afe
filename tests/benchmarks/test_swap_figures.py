"""The swap benchmark sees what is wrong with a run: its zeros are found, not assumed."""

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.swap.caller import ANSWER
from benchmarks.swap.figures import Seen, figures, in_windows, wrong_answers
from benchmarks.swap.promoting import Promoted

PROBABILITIES = [[0.1, 0.2], [0.3, 0.4]]
"""Two models' answers to two rows."""


def answer(
    planned: float,
    version: int,
    probability: float,
    *,
    row: int = 0,
    connection: int = 0,
    status: int = 200,
) -> tuple[float, ...]:
    return (0, connection, row, status, version, planned, 0.0, 0.01, probability)


def seen(*answers: tuple[float, ...]) -> Seen:
    """A run in which 1 and 2 were promoted, each with a model of its own, then 1 again."""
    promoted = [
        Promoted(version, model, at, {"pod-0": at + 0.1, "pod-1": at + 0.2})
        for version, model, at in ((1, 0, 10.0), (2, 1, 20.0), (1, 0, 30.0))
    ]
    return Seen(
        pods=2,
        rate=1,
        answers=np.array(list(answers), dtype=ANSWER),
        expected=PROBABILITIES,
        promoted=promoted,
        quiet=[(11.0, 19.0)],
        memory=[(10.0, 100.0), (20.0, 110.0), (30.0, 120.0), (40.0, 130.0)],
        largest_model=1,
    )


RIGHT = [
    answer(15, 1, 0.1),
    answer(16, 1, 0.2, row=1),
    answer(25, 2, 0.3),
    answer(35, 1, 0.1),  # gone back, as was promoted
    answer(30.15, 2, 0.3, connection=1),  # one pod has swapped, the other has not
]


def test_right_answers_are_right() -> None:
    assert wrong_answers(seen(*RIGHT)) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        [answer(15, 2, 0.3)],
        [answer(25, 3, 0.3)],
        [answer(25, 2, 0.1)],
        [answer(25, 2, float("nan"))],
        [answer(35, 2, 0.3)],
        [answer(30.1, 1, 0.1), answer(30.15, 2, 0.3)],
    ],
    ids=["not yet", "never promoted", "half", "no number", "no more", "back again"],
)
def test_an_answer_that_cannot_be_is_counted(wrong: Sequence[tuple[float, ...]]) -> None:
    at_first = [answer(12, 1, 0.1), answer(22, 2, 0.3)] if len(wrong) > 1 else []

    assert wrong_answers(seen(*at_first, *wrong)) == 1


def test_requests_on_their_way_during_a_swap_are_in_its_window() -> None:
    run = seen(*(answer(at, 1, 0.1) for at in (9.98, 9.995, 10.1, 10.24, 10.26, 15)))

    assert in_windows(run).tolist() == [False, True, True, True, False, False]


def test_failures_and_the_growth_of_memory_are_counted() -> None:
    run = seen(*RIGHT, answer(17, 0, float("nan"), status=503))

    found = figures(run)

    assert (found["failed"], found["wrong answers"]) == (1, 0)
    assert found["growth of a pod over the run, MB"] == pytest.approx(30 / 2**20)
    assert found["growth over its second half, MB"] == pytest.approx(10 / 2**20)
    assert found["published -> last pod serves p50, ms"] == pytest.approx(200)
