"""The newest promotion wins, and what became of it is told."""

from collections.abc import Callable
from typing import Any

from inference.loading import load
from inference.slot import Slot

Promote = Callable[..., Any]


def test_an_older_promotion_never_wins_whenever_it_comes(slot: Slot) -> None:
    assert [slot.accept(offset) for offset in (3, 3, 2, 4, 0)] == [
        *(True, False, False, True, False)
    ]


def test_a_promotion_that_is_served_is_told_with_all_that_others_ask(
    slot: Slot, promote: Promote
) -> None:
    promoted = promote(2)
    event = promoted.promotion.event

    fact = slot.serve(load(promoted.content, event), promoted.promotion, now=1.5)

    assert (fact.outcome, fact.reason) == ("served", None)
    assert (fact.model_version, fact.serving_version) == ("2", "2")
    assert (fact.pod, fact.bundle_sha256) == ("pod-1", event.bundle.sha256)
    assert fact.promotion_id == promoted.promotion.envelope.id
    assert fact.released_at == event.released_at
    assert fact.swap_seconds == 1.5


def test_a_refused_promotion_leaves_the_model_that_answers(
    slot: Slot, promote: Promote
) -> None:
    first, second = promote(1), promote(2)
    slot.serve(load(first.content, first.promotion.event), first.promotion, now=0.0)
    before = slot.serving

    fact = slot.refuse(second.promotion, "it is broken", now=0.1)

    assert slot.serving is before
    assert (fact.outcome, fact.reason) == ("refused", "it is broken")
    assert (fact.model_version, fact.serving_version) == ("2", "1")


def test_a_refusal_is_forgotten_when_a_later_promotion_is_served(
    slot: Slot, promote: Promote
) -> None:
    slot.refuse(promote(1).promotion, "it is broken", now=0.0)
    second = promote(2)

    slot.serve(load(second.content, second.promotion.event), second.promotion, now=0.0)

    assert slot.refusal is None
