"""Whose lag is shown although nobody was ever there."""

import pytest

from lag_watcher.settings import Settings


def test_the_groups_of_cleaner_and_trainer_for_each_dataset_are_expected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().expected == {
        "cleaner-diabetes130": ["batch.raw"],
        "trainer-diabetes130": ["batch.clean"],
    }

    monkeypatch.setenv("RELEVO_DATASET", "diabetes130,pima")
    assert set(Settings().expected) == {
        *("cleaner-diabetes130", "cleaner-pima"),
        *("trainer-diabetes130", "trainer-pima"),
    }
    assert Settings().dataset_of == {
        "cleaner-diabetes130": "diabetes130",
        "cleaner-pima": "pima",
        "trainer-diabetes130": "diabetes130",
        "trainer-pima": "pima",
    }


def test_a_person_may_expect_other_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAG_WATCHER_EXPECTED", '{"mine": ["batch.raw"]}')

    assert Settings().expected == {"mine": ["batch.raw"]}
