"""Who is on duty, and why he may not be met."""

import pytest

from relevo_contracts import Target
from relevo_datasets import dataset_named
from trainer.judging.champion import Holder, OnDuty, champion_of
from trainer.learning.training import Trained

DATASET = dataset_named("diabetes130")
TARGET = DATASET.targets["<30"]


def met(
    holder: Holder | None,
    promoted: Holder | None = None,
    *,
    dataset: str = "diabetes130",
    target: Target = TARGET,
    without: str = "",
) -> OnDuty:
    features = tuple(each for each in DATASET.features if each.name != without)
    return champion_of(holder, promoted, dataset=dataset, target=target, features=features)


def test_nobody_is_on_duty_before_the_first_promotion() -> None:
    assert met(None) == OnDuty()


def test_a_version_that_predicts_the_same_is_met(first: Trained) -> None:
    duty = met(Holder("7", first.challenger.bundle), Holder("6", b"older"))

    assert duty.champion is not None
    assert (duty.champion.version, duty.remark) == ("7", None)
    assert duty.champion.batches == ("diabetes130-0001",)


def test_who_serves_is_met_although_the_alias_is_gone(first: Trained) -> None:
    duty = met(None, Holder("7", first.challenger.bundle))

    assert duty.champion is not None
    assert duty.champion.version == "7"


@pytest.mark.parametrize("content", [None, b"no bundle"])
def test_who_serves_is_met_although_the_alias_names_what_cannot(
    first: Trained, content: bytes | None
) -> None:
    duty = met(Holder("8", content), Holder("7", first.challenger.bundle))

    assert duty.champion is not None
    assert duty.champion.version == "7"


@pytest.mark.parametrize("content", [None, b"no bundle"])
def test_who_serves_and_cannot_be_asked_is_not_replaced(content: bytes | None) -> None:
    duty = met(None, Holder("7", content))

    assert (duty.champion, duty.is_unmet) == (None, True)
    assert (duty.remark or "").startswith("v7 serves and cannot be met: ")


def test_who_has_the_alias_without_ever_having_served_is_only_told_of() -> None:
    duty = met(Holder("7", None))

    assert (duty.champion, duty.is_unmet) == (None, False)
    assert duty.remark == "v7 has the alias and does not serve: its bundle is not there"


def test_a_version_that_predicts_something_else_is_neither_met_nor_replaced(
    first: Trained,
) -> None:
    holder = Holder("7", first.challenger.bundle)
    number = Target(name="<30", column="readmitted", task="regression")
    words = TARGET.classes[1].model_copy(update={"value": "yes"})
    renamed = TARGET.model_copy(update={"classes": (TARGET.classes[0], words)})

    for duty, why in (
        (met(holder, target=DATASET.targets["any"]), "it predicts <30 of diabetes130"),
        (met(None, holder, dataset="other"), "it predicts <30 of diabetes130 (binary)"),
        (met(holder, target=number), "it predicts <30 of diabetes130 (binary)"),
        (met(holder, target=renamed), "it knows other classes"),
        (met(holder, without="insulin"), "it needs insulin"),
    ):
        assert (duty.champion, duty.is_unmet) == (None, True)
        assert why in (duty.remark or "")


def test_classes_may_have_other_words_for_people(first: Trained) -> None:
    classes = tuple(
        each.model_copy(update={"label": f"class {each.value}"}) for each in TARGET.classes
    )
    target = TARGET.model_copy(update={"classes": classes})

    assert met(Holder("7", first.challenger.bundle), target=target).champion
