"""A group is in one split, and stays there."""

import pandas as pd
import pytest

from relevo_datasets.splitting import SPLITS, SplitRatios, split_of, splits_of

RATIOS = SplitRatios(70, 15, 15)
PATIENTS = [str(number) for number in range(20_000)]


def test_a_patient_is_in_the_same_split_on_every_machine_and_day() -> None:
    known = {"8222157": "train", "55629189": "train", "86047875": "train"}

    assert {p: split_of(p, RATIOS, salt="relevo") for p in known} == known


def test_all_rows_of_a_group_are_in_one_split() -> None:
    groups = pd.Series(["a", "b", "a", "c", "b", "a"])

    splits = splits_of(groups, RATIOS, salt="s")

    assert list(splits) == [split_of(g, RATIOS, salt="s") for g in groups]


def test_the_shares_are_those_asked_for() -> None:
    shares = splits_of(pd.Series(PATIENTS), RATIOS, salt="s").value_counts(normalize=True)

    assert shares.to_dict() == pytest.approx(
        {"train": 0.7, "validation": 0.15, "test": 0.15}, abs=0.01
    )


def test_another_salt_divides_anew_and_independently() -> None:
    one = splits_of(pd.Series(PATIENTS), RATIOS, salt="one")
    two = splits_of(pd.Series(PATIENTS), RATIOS, salt="two")

    of_train = two[one == "train"].value_counts(normalize=True)

    assert of_train["train"] == pytest.approx(0.7, abs=0.02)


def test_a_larger_train_share_takes_nobody_out_of_train() -> None:
    before = splits_of(pd.Series(PATIENTS), RATIOS, salt="s")
    after = splits_of(pd.Series(PATIENTS), SplitRatios(80, 10, 10), salt="s")

    assert set(after[before == "train"]) == {"train"}


def test_ratios_are_written_as_people_write_them() -> None:
    assert SplitRatios.parse("70/15/15") == RATIOS
    assert SplitRatios.parse("0.7/0.15/0.15").split_at(0.69) == "train"
    assert str(RATIOS) == "70/15/15"
    assert {RATIOS.split_at(position) for position in (0.0, 0.75, 0.99)} == set(SPLITS)


@pytest.mark.parametrize("text", ["", "70/30", "70/15/fifteen", "100/0/0", "nan/1/1"])
def test_ratios_that_leave_a_split_empty_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="train"):
        SplitRatios.parse(text)
