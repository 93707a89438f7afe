"""What a dataset may declare of a candidate; needs no library that learns."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from relevo_contracts import Task
from relevo_datasets import Dataset, DeclarationError

CLASSES: tuple[Task, ...] = ("binary", "multiclass")
ALL: tuple[Task, ...] = (*CLASSES, "regression")


@dataclass(frozen=True)
class Settable:
    """tasks: what the candidate can learn. names: its settings, as its library has them.

    What decides on the form of the answer, and what makes fits repeatable, is not among
    them.
    """

    tasks: tuple[Task, ...]
    names: frozenset[str]


def _settable(tasks: tuple[Task, ...], names: str) -> Settable:
    return Settable(tasks, frozenset(names.split()))


SETTABLE: Mapping[str, Settable] = MappingProxyType(
    {
        "random_forest": _settable(
            ALL,
            "n_estimators max_depth min_samples_split min_samples_leaf max_features"
            " max_leaf_nodes min_impurity_decrease max_samples ccp_alpha",
        ),
        "lightgbm": _settable(
            ALL,
            "n_estimators learning_rate num_leaves max_depth min_child_samples"
            " min_child_weight min_split_gain colsample_bytree subsample subsample_freq"
            " reg_alpha reg_lambda cat_smooth cat_l2 min_data_per_group max_bin"
            " max_cat_threshold max_cat_to_onehot path_smooth extra_trees",
        ),
        "hist_gradient_boosting": _settable(
            ALL,
            "max_iter learning_rate max_leaf_nodes max_depth min_samples_leaf"
            " l2_regularization max_features max_bins",
        ),
        "logistic_regression": _settable(CLASSES, "C max_iter tol"),
        "ridge": _settable(("regression",), "alpha max_iter tol"),
    }
)


def check_candidates(dataset: Dataset) -> None:
    """Raises DeclarationError for an algorithm or a setting that there is not."""
    tasks = {target.task for target in dataset.targets.values()}
    there = {name: each for name, each in SETTABLE.items() if tasks & {*each.tasks}}
    for algorithm, settings in dataset.candidates.items():
        where = f"dataset {dataset.name!r}: candidates.{algorithm}"
        if algorithm not in there:
            raise DeclarationError(
                f"{where}: no such candidate; there are: {', '.join(there)}"
            )
        names = there[algorithm].names
        for name in settings:
            if name not in names:
                near = difflib.get_close_matches(name, sorted(names), n=1)
                meant = f"did you mean {near[0]!r}?" if near else "remove it"
                raise DeclarationError(f"{where}.{name}: cannot be set; {meant}")
