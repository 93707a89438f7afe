"""Who is promoted, and what is said about it."""

import pytest

from trainer.judging.comparison import Comparison
from trainer.judging.verdict import Verdict, judge, judge_first


def compared(z: float, rival: str = "champion v3") -> Comparison:
    return Comparison(rival, "ROC-AUC", 0.6757, 0.6713, z * 0.001, 0.001)


def judged(
    comparison: Comparison, number: int = 1, *, left_out: frozenset[str] = frozenset()
) -> Verdict:
    return judge(
        comparison,
        number=number,
        challenger_saw=("a", "b"),
        champion_saw=("a", "c") if left_out else ("a",),
        left_out=left_out,
    )


@pytest.mark.parametrize(("z", "is_promoted"), [(2, True), (1.9, False), (-2, False)])
def test_a_first_model_must_beat_chance_beyond_noise(z: float, is_promoted: bool) -> None:
    assert judge_first(compared(z, "chance"), number=1).is_promoted is is_promoted


@pytest.mark.parametrize(
    ("z", "number", "is_promoted"),
    [(2, 1, True), (1.9, 1, False), (2, 2, False), (2.7, 3, True), (2.7, 4, False)],
)
def test_who_is_met_more_often_must_be_beaten_by_more(
    z: float, number: int, is_promoted: bool
) -> None:
    verdict = judged(compared(z), number)

    assert verdict.is_promoted is is_promoted
    assert verdict.level == 0.05 / (number * (number + 1))
    assert judge_first(compared(z, "chance"), number=number).is_promoted is is_promoted


def test_the_leading_figure_decides_nothing() -> None:
    worse = Comparison("champion v3", "ROC-AUC", 0.60, 0.70, 0.005, 0.001)

    assert judged(worse).is_promoted


def test_a_challenger_that_saw_less_than_the_champion_is_never_promoted() -> None:
    verdict = judge(
        compared(9),
        number=1,
        challenger_saw=("a", "b"),
        champion_saw=("a", "c"),
        left_out=(),
    )

    assert not verdict.is_promoted
    assert verdict.reason.startswith("did not see c, which champion v3 saw")


def test_nobody_needs_to_have_seen_what_is_left_out() -> None:
    assert judged(compared(9), left_out=frozenset("c")).is_promoted


def test_the_reason_has_the_figures_and_what_was_needed() -> None:
    assert judged(compared(2.41), 2).reason == (
        "is better than champion v3 beyond noise: ROC-AUC 0.6757 against 0.6713"
        " (z 2.41, verdict 2 needs 2.39)"
    )


def test_the_reason_says_why_nobody_else_was_met() -> None:
    verdict = judge_first(
        compared(9, "the mean"), number=1, remark="v3 has the alias and does not serve"
    )

    assert verdict.reason == (
        "beats the mean beyond noise: ROC-AUC 0.6757 against 0.6713"
        " (z 9.00, verdict 1 needs 1.96); v3 has the alias and does not serve"
    )
