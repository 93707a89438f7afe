"""The newest promotion wins, and what became of it is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from inference.duty.loading import load
from inference.duty.slot import Promotion, Slot

Promote = Callable[..., Any]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_an_older_promotion_never_wins_whenever_it_comes(
    slot: Slot, promote: Promote
) -> None:
    accepted = [
        slot.accept(promote(1, number=number).promotion) for number in (3, 3, 2, 4, 1)
    ]

    assert accepted == [True, False, False, True, False]


def test_a_history_that_was_lost_and_began_anew_is_followed_by_its_time(
    slot: Slot, promote: Promote
) -> None:
    lost = promote(1, number=57)
    anew = promote(2, number=1, event={"promoted_at": NOW + timedelta(seconds=1)})

    assert slot.accept(lost.promotion)
    assert slot.accept(anew.promotion)
    assert not slot.accept(lost.promotion)


def test_promotions_of_an_older_watcher_are_in_order_with_those_of_this_one(
    slot: Slot, promote: Promote
) -> None:
    def told(seconds: int, number: int | None) -> Promotion:
        at = NOW + timedelta(seconds=seconds)
        event = {"promoted_at": at, "number": number}
        promotion: Promotion = promote(1, event=event).promotion
        return promotion

    these = [told(0, None), told(2, None), told(1, None), told(3, 4), told(2, None)]

    assert [slot.accept(each) for each in these] == [True, True, False, True, False]
    assert slot.accept(told(4, None))


def test_a_refused_promotion_is_tried_again_when_it_is_heard_again(
    slot: Slot, promote: Promote
) -> None:
    older, refused = promote(1, number=1).promotion, promote(2, number=2).promotion
    slot.accept(refused)
    slot.refuse(refused, "it is not in the store", now=0.0)

    assert not slot.accept(older)
    assert slot.accept(refused)


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


def test_the_versions_before_stay_at_hand_as_far_as_one_back(
    slot: Slot, promote: Promote
) -> None:
    models = {}
    for version in (1, 2, 3):
        promoted = promote(version, number=version)
        models[version] = load(promoted.content, promoted.promotion.event)
        slot.serve(models[version], promoted.promotion, now=0.0)

    def at_hand(version: int, **changes: object) -> object:
        return slot.at_hand(promote(version, number=9, **changes).promotion)

    assert at_hand(3) is models[3]
    assert at_hand(2) is models[2]
    assert at_hand(1) is None
    assert at_hand(2, event={"signature_sha256": "0" * 64}) is None


def test_a_version_that_is_promoted_again_has_served_since_the_first_time(
    slot: Slot, promote: Promote
) -> None:
    first, second, again = (promote(v, number=n) for n, v in enumerate((1, 2, 2), 1))
    for each in (first, second):
        slot.serve(load(each.content, each.promotion.event), each.promotion, now=0.0)
    assert slot.serving is not None
    since, model = slot.serving.since, slot.serving.model

    fact = slot.serve(model, again.promotion, now=0.0)

    assert fact.promotion_id == again.promotion.envelope.id
    assert (slot.serving.since, slot.serving.model) == (since, model)
    assert slot.previous is not None
    assert slot.previous.model.version == "1"


def test_a_refusal_is_forgotten_when_a_later_promotion_is_served(
    slot: Slot, promote: Promote
) -> None:
    slot.refuse(promote(1).promotion, "it is broken", now=0.0)
    second = promote(2)

    slot.serve(load(second.content, second.promotion.event), second.promotion, now=0.0)

    assert slot.refusal is None
