"""Settings of the candidates for small tables; the usual ones are for tens of thousands."""

from collections.abc import Mapping

from relevo_datasets.drafting.toml_text import Value

Settings = Mapping[str, Mapping[str, Value]]

FEW_ROWS = 5_000
FEW_ROWS_OF_CLASSES = 20_000

FOR_FEW_ROWS: Settings = {
    "random_forest": {"min_samples_leaf": 5, "max_samples": 0.8},
    "lightgbm": {
        "n_estimators": 60,
        "learning_rate": 0.05,
        "num_leaves": 7,
        "min_child_samples": 10,
    },
    "hist_gradient_boosting": {
        "max_iter": 60,
        "learning_rate": 0.05,
        "max_leaf_nodes": 7,
        "min_samples_leaf": 10,
    },
}
FOR_MANY_CLASSES: Settings = {
    "random_forest": {"n_estimators": 60, "min_samples_leaf": 2, "max_samples": 1.0},
    "lightgbm": {"n_estimators": 80, "learning_rate": 0.1, "min_child_samples": 10},
    "hist_gradient_boosting": {
        "max_iter": 60,
        "learning_rate": 0.15,
        "min_samples_leaf": 10,
    },
}
LINEAR: Mapping[str, Settings] = {
    "binary": {"logistic_regression": {"C": 1.0}},
    "multiclass": {"logistic_regression": {"C": 1.0}},
    "regression": {"ridge": {"alpha": 1.0}},
}


def candidates_for(rows: int, task: str) -> Settings:
    """What suits so many rows, as it was found on pima and covertype; {}: the usual."""
    if rows <= FEW_ROWS:
        return {**FOR_FEW_ROWS, **LINEAR[task]}
    if task == "multiclass" and rows <= FEW_ROWS_OF_CLASSES:
        return {**FOR_MANY_CLASSES, **LINEAR[task]}
    return {}
