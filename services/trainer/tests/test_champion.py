"""Who is on duty, and why he may not be asked."""

import pytest

from relevo_contracts import Target
from relevo_datasets import dataset_named
from trainer.judging.champion import AliasHolder, OnDuty, champion_of
from trainer.learning.training import Trained

DATASET = dataset_named("diabetes130")
TARGET = DATASET.targets["<30"]


def met(
    holder: AliasHolder | None,
    *,
    dataset: str = "diabetes130",
    target: Target = TARGET,
    without: str = "",
) -> OnDuty:
    features = tuple(each for each in DATASET.features if each.name != without)
    return champion_of(holder, dataset=dataset, target=target, features=features)


def test_nobody_is_on_duty_before_the_first_promotion() -> None:
    assert met(None) == OnDuty()


def test_a_version_that_predicts_the_same_is_asked(first: Trained) -> None:
    duty = met(AliasHolder("7", first.challenger.bundle))

    assert duty.champion is not None
    assert (duty.champion.version, duty.remark) == ("7", None)
    assert duty.champion.batches == ("diabetes130-0001",)


@pytest.mark.parametrize(
    ("content", "why"), [(None, "it has no bundle"), (b"no bundle", "")]
)
def test_a_version_that_cannot_answer_is_not_asked(content: bytes | None, why: str) -> None:
    duty = met(AliasHolder("7", content))

    assert duty.champion is None
    assert (duty.remark or "").startswith("v7 is not asked: ")
    assert why in (duty.remark or "")


def test_a_version_that_predicts_something_else_is_not_asked(first: Trained) -> None:
    holder = AliasHolder("7", first.challenger.bundle)
    number = Target(name="<30", column="readmitted", task="regression")
    words = TARGET.classes[1].model_copy(update={"value": "yes"})
    renamed = TARGET.model_copy(update={"classes": (TARGET.classes[0], words)})

    for duty, why in (
        (met(holder, target=DATASET.targets["any"]), "it predicts <30 of diabetes130"),
        (met(holder, dataset="other"), "it predicts <30 of diabetes130 (binary)"),
        (met(holder, target=number), "it predicts <30 of diabetes130 (binary)"),
        (met(holder, target=renamed), "it knows other classes"),
        (met(holder, without="insulin"), "it needs insulin"),
    ):
        assert duty.champion is None
        assert why in (duty.remark or "")


def test_classes_may_have_other_words_for_people(first: Trained) -> None:
    classes = tuple(
        each.model_copy(update={"label": f"class {each.value}"}) for each in TARGET.classes
    )
    target = TARGET.model_copy(update={"classes": classes})

    assert met(AliasHolder("7", first.challenger.bundle), target=target).champion
