"""How each family is fitted: an estimator of scikit-learn's kind, on one matrix.

All fits are deterministic and take no more threads than they are given.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from joblib import parallel_config  # type: ignore[import-untyped]
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from trainer.judging.comparison import Answers, Outcomes
from trainer.judging.tasks import TaskMeaning
from trainer.learning.encoding import Encoding, Matrix
from trainer.learning.serving import Estimator

SEED = 20_080
FOREST_MISSING = -1.0
"""Forests take a missing value as this number; no code is negative."""

Parameters = Mapping[str, Any]
"""Of a library's estimator, by its own names."""
Estimators = Callable[..., Estimator]
"""What makes an estimator of parameters: its class."""

Fit = Callable[[Estimators, Parameters, Encoding, Matrix, Outcomes, int], Estimator]
"""The last are the outcomes of the matrix's rows, and the number of threads."""


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """A block in which the libraries take no more threads than that per fit."""
    # a daemon process may not start others, and forests ask joblib how many it may
    with threadpool_limits(limits=threads), parallel_config("threading"):
        yield


@contextmanager
def nameless() -> Iterator[None]:
    """A block in which LightGBM does not miss the names that it gave to a matrix itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        yield


def answers_of(task: TaskMeaning, estimator: Estimator, rows: object) -> Answers:
    """What a fitted estimator, or a pipeline of one, says of rows."""
    with nameless():
        return task.ask(estimator, rows)


def fit_linear(
    estimators: Estimators,
    parameters: Parameters,
    encoding: Encoding,
    matrix: Matrix,
    y: Outcomes,
    _: int,
) -> Estimator:
    """One-hot and sparse; a code that is not-a-number has a column of its own."""
    numbers = Pipeline(
        [
            ("fill", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("scale", StandardScaler()),
        ]
    )
    codes = [np.array([*range(len(c.words or ())), np.nan]) for c in encoding.words]
    one_hot = OneHotEncoder(categories=codes, handle_unknown="ignore")
    expand = ColumnTransformer(
        [
            ("numbers", numbers, list(range(len(encoding.quantities)))),
            ("codes", one_hot, encoding.code_places),
        ],
        sparse_threshold=1.0,
    )
    regression = estimators(**parameters)
    return Pipeline([("expand", expand), ("regression", regression)]).fit(matrix, y)


def fit_forest(
    estimators: Estimators,
    parameters: Parameters,
    _: Encoding,
    matrix: Matrix,
    y: Outcomes,
    threads: int,
) -> Estimator:
    """Missing values become a number of their own."""
    fill = SimpleImputer(
        strategy="constant", fill_value=FOREST_MISSING, keep_empty_features=True
    )
    forest = estimators(**parameters, n_jobs=threads, random_state=SEED)
    return Pipeline([("fill", fill), ("forest", forest)]).fit(matrix, y)


def fit_gradient_boosting(
    estimators: Estimators,
    parameters: Parameters,
    encoding: Encoding,
    matrix: Matrix,
    y: Outcomes,
    _: int,
) -> Estimator:
    """By histograms, with codes as categories."""
    return estimators(
        **parameters,
        categorical_features=encoding.code_places or None,
        early_stopping=False,
        random_state=SEED,
    ).fit(matrix, y)


def fit_lightgbm(
    estimators: Estimators,
    parameters: Parameters,
    encoding: Encoding,
    matrix: Matrix,
    y: Outcomes,
    threads: int,
) -> Estimator:
    """Row-wise, deterministic histograms: the same trees for any number of threads."""
    return estimators(
        **parameters,
        n_jobs=threads,
        random_state=SEED,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
    ).fit(matrix, y, categorical_feature=encoding.code_places)
