"""Each record has exactly one lane."""

import pytest

from relevo_contracts.lanes import lanes

DATASETS = ("diabetes130", "pima", "covertype", "pima-2")


@pytest.mark.parametrize(
    ("key", "group"),
    [
        (b"diabetes130", "trainer-diabetes130"),
        (b"pima", "trainer-pima"),
        (b"covertype", "trainer-covertype"),
        (b"pima-0004", "trainer-pima"),
        (b"pima-2-0004", "trainer-pima-2"),
        (b"pima2-0004", "trainer-diabetes130"),
        (b"unknown", "trainer-diabetes130"),
        (b"\xff", "trainer-diabetes130"),
        (None, "trainer-diabetes130"),
    ],
)
def test_a_record_is_taken_by_its_datasets_lane_and_by_the_first_if_it_has_none(
    key: bytes | None, group: str
) -> None:
    taking = [name for name, takes in lanes("trainer", DATASETS).items() if takes(key)]

    assert taking == [group]


def test_one_dataset_is_one_lane_that_takes_whatever_comes() -> None:
    ((group, takes),) = lanes("trainer", ("pima",)).items()

    assert group == "trainer-pima"
    assert takes(b"pima")
    assert takes(b"diabetes130")
