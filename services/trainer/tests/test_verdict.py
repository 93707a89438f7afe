"""Who is promoted, and what is said about it."""

import pytest

from trainer.judging.delong import Comparison
from trainer.judging.policy import Policy
from trainer.judging.verdict import Verdict, judge, judge_first

BETTER = Comparison(0.68, 0.65, 0.01)
LUCKY = Comparison(0.66, 0.65, 0.01)
UNLUCKY = Comparison(0.64, 0.65, 0.01)
WORSE = Comparison(0.62, 0.65, 0.01)


def judged(comparison: Comparison, policy: Policy = "better") -> Verdict:
    return judge(
        comparison,
        policy=policy,
        champion="3",
        challenger_saw=("a", "b"),
        champion_saw=("a",),
    )


def test_a_first_model_must_beat_chance_beyond_noise() -> None:
    assert judge_first(Comparison(0.6, 0.5, 0.05)).is_promoted
    assert not judge_first(Comparison(0.55, 0.5, 0.05)).is_promoted


@pytest.mark.parametrize(
    ("comparison", "is_promoted"),
    [(BETTER, True), (LUCKY, False), (UNLUCKY, False), (WORSE, False)],
)
def test_a_challenger_must_be_better_beyond_noise(
    comparison: Comparison, is_promoted: bool
) -> None:
    assert judged(comparison).is_promoted is is_promoted


@pytest.mark.parametrize(
    ("comparison", "is_promoted"),
    [(BETTER, True), (LUCKY, True), (UNLUCKY, True), (WORSE, False)],
)
def test_by_the_other_policy_it_is_enough_not_to_be_worse(
    comparison: Comparison, is_promoted: bool
) -> None:
    assert judged(comparison, "not_worse").is_promoted is is_promoted


def test_a_challenger_that_saw_less_than_the_champion_is_never_promoted() -> None:
    verdict = judge(
        BETTER,
        policy="not_worse",
        champion="3",
        challenger_saw=("a", "b"),
        champion_saw=("a", "c"),
    )

    assert not verdict.is_promoted
    assert verdict.reason.startswith("did not see c, which champion v3 saw")


def test_the_reason_has_the_figures() -> None:
    assert judged(BETTER).reason == (
        "is better than champion v3 beyond noise: ROC-AUC 0.6800 against 0.6500"
        " (difference +0.0300, z 3.00)"
    )
