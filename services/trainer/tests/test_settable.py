"""What a dataset may declare of the candidates."""

from dataclasses import replace

import pytest
from lightgbm.basic import _ConfigAliases

from relevo_datasets import Dataset, DeclarationError, dataset_named
from trainer.learning.candidates import CANDIDATES, candidates_for
from trainer.learning.settable import SETTABLE, check_candidates

DATASET = dataset_named("diabetes130")


def declaring(**candidates: dict[str, object]) -> Dataset:
    return replace(DATASET, candidates=candidates)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["diabetes130", "pima", "covertype", "homes"])
def test_what_ships_can_be_set(name: str) -> None:
    check_candidates(dataset_named(name))


def test_every_candidate_of_a_task_has_settings_that_its_library_takes() -> None:
    for task, candidates in CANDIDATES.items():
        names = {name for name, each in SETTABLE.items() if task in each.tasks}
        assert names == {candidate.algorithm for candidate in candidates}
        for candidate in candidates:
            taken = {*candidate.estimators().get_params()}
            if candidate.algorithm == "lightgbm":
                taken |= {*_ConfigAliases._get_all_param_aliases()}
            settable = SETTABLE[candidate.algorithm].names
            assert settable <= taken
            assert {*candidate.parameters} <= settable


def test_an_unknown_candidate_is_told_with_those_there_are() -> None:
    with pytest.raises(DeclarationError) as error:
        check_candidates(declaring(xgboost={}))

    assert str(error.value) == (
        "dataset 'diabetes130': candidates.xgboost: no such candidate; there are:"
        " random_forest, lightgbm, hist_gradient_boosting, logistic_regression"
    )


def test_a_candidate_of_another_task_is_unknown() -> None:
    with pytest.raises(DeclarationError, match="no such candidate"):
        check_candidates(declaring(ridge={"alpha": 1.0}))


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("num_leafs", "did you mean 'num_leaves'?"),
        ("objective", "remove it"),
        ("n_jobs", "remove it"),
    ],
)
def test_a_setting_that_cannot_be_set_is_told_with_its_remedy(
    setting: str, remedy: str
) -> None:
    with pytest.raises(DeclarationError) as error:
        check_candidates(declaring(lightgbm={setting: 3}))

    assert str(error.value).endswith(
        f"candidates.lightgbm.{setting}: cannot be set; {remedy}"
    )


def test_a_dataset_overrides_single_settings_of_a_candidate() -> None:
    usual = {each.algorithm: each for each in CANDIDATES["binary"]}

    own = {
        each.algorithm: each
        for each in candidates_for(declaring(lightgbm={"num_leaves": 4}), "binary")
    }

    assert own["lightgbm"].parameters == {**usual["lightgbm"].parameters, "num_leaves": 4}
    assert own["random_forest"] == usual["random_forest"]
