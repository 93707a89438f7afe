"""Who is promoted, and what is said about it."""

import pytest

from trainer.judging.comparison import Comparison
from trainer.judging.policy import Policy
from trainer.judging.verdict import Verdict, judge, judge_first


def compared(z: float, rival: str = "champion v3") -> Comparison:
    return Comparison(rival, "ROC-AUC", 0.6757, 0.6713, z * 0.001, 0.001)


def judged(comparison: Comparison, policy: Policy = "better") -> Verdict:
    return judge(comparison, policy=policy, challenger_saw=("a", "b"), champion_saw=("a",))


@pytest.mark.parametrize(("z", "is_promoted"), [(1.7, True), (1.6, False), (-2, False)])
def test_a_first_model_must_beat_chance_beyond_noise(z: float, is_promoted: bool) -> None:
    assert judge_first(compared(z, "chance")).is_promoted is is_promoted


@pytest.mark.parametrize(
    ("z", "is_promoted"), [(3, True), (1.6, False), (-1, False), (-3, False)]
)
def test_a_challenger_must_be_better_beyond_noise(z: float, is_promoted: bool) -> None:
    assert judged(compared(z)).is_promoted is is_promoted


@pytest.mark.parametrize(
    ("z", "is_promoted"), [(3, True), (1, True), (-1, True), (-3, False)]
)
def test_by_the_other_policy_it_is_enough_not_to_be_worse(
    z: float, is_promoted: bool
) -> None:
    assert judged(compared(z), "not_worse").is_promoted is is_promoted


def test_a_challenger_that_saw_less_than_the_champion_is_never_promoted() -> None:
    verdict = judge(
        compared(3),
        policy="not_worse",
        challenger_saw=("a", "b"),
        champion_saw=("a", "c"),
    )

    assert not verdict.is_promoted
    assert verdict.reason.startswith("did not see c, which champion v3 saw")


def test_the_reason_has_the_figures() -> None:
    assert judged(compared(2.41)).reason == (
        "is better than champion v3 beyond noise: ROC-AUC 0.6757 against 0.6713 (z 2.41)"
    )


def test_the_reason_says_why_nobody_else_was_met() -> None:
    verdict = judge_first(
        compared(9, "the mean"), remark="v3 is not asked: it has no bundle"
    )

    assert verdict.reason == (
        "beats the mean beyond noise: ROC-AUC 0.6757 against 0.6713 (z 9.00);"
        " v3 is not asked: it has no bundle"
    )
