"""Trees become tables, or what a bundle cannot say of them is named."""

import lightgbm
import numpy as np
import pytest
import treelite
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)

from relevo_bundles.nodes import COVER_FILE, LEAVES_FILE, read_tables
from relevo_bundles.tabulating import tabulate

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(300, 3))
CLASSES = (ROWS[:, 0] > 0).astype(int) + (ROWS[:, 1] > 1)


def one_versus_all() -> object:
    fitted = lightgbm.LGBMClassifier(objective="multiclassova", verbose=-1)
    fitted.set_params(n_estimators=2).fit(ROWS, CLASSES)
    return treelite.frontend.from_lightgbm(fitted.booster_)


def counts() -> object:
    fitted = HistGradientBoostingRegressor(loss="poisson", max_iter=2)
    return treelite.sklearn.import_model(fitted.fit(ROWS, CLASSES))


def two_targets() -> object:
    fitted = RandomForestRegressor(2, random_state=0).fit(ROWS, ROWS[:, :2])
    return treelite.sklearn.import_model(fitted)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (one_versus_all(), "cannot say what 'multiclass_ova' makes of the sum"),
        (counts(), "cannot say what 'exponential' makes of the sum"),
        (two_targets(), "cannot say 2 targets at once"),
    ],
    ids=["one versus all", "counts", "two targets"],
)
def test_what_a_bundle_cannot_say_is_named(model: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tabulate(model)


def test_leaves_with_the_same_numbers_share_a_row() -> None:
    fitted = RandomForestClassifier(20, random_state=0).fit(ROWS, CLASSES)

    trees, files = tabulate(treelite.sklearn.import_model(fitted))

    leaves = read_tables(trees, files, inputs=3).vectors
    assert leaves.shape == (3, 3)
    assert sorted(leaves.tolist()) == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


def test_one_of_two_classes_needs_no_table_of_leaves() -> None:
    fitted = RandomForestClassifier(2, random_state=0).fit(ROWS, CLASSES > 0)

    trees, files = tabulate(treelite.sklearn.import_model(fitted))

    assert (trees.outputs, trees.base, trees.output_of) == (1, (0.0,), None)
    assert LEAVES_FILE not in files


def test_a_bagged_row_is_covered_as_often_as_its_tree_drew_it() -> None:
    weights = np.where(np.arange(300) < 150, 0.0, 1.0)
    fitted = RandomForestClassifier(2, random_state=0, min_samples_leaf=9)
    fitted.fit(ROWS, CLASSES, sample_weight=weights)

    trees, files = tabulate(treelite.sklearn.import_model(fitted))

    cover = np.frombuffer(files[COVER_FILE])
    drawn = [tree.tree_.weighted_n_node_samples for tree in fitted.estimators_]
    assert cover.tolist() == np.concatenate(drawn).tolist()
    assert trees.outputs == 3
