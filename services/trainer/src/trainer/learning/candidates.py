"""The candidates: who may become a challenger, and how each is fitted.

The settings were chosen on diabetes130 over several splits (benchmarks/learning.py):
codes with many words overfit trees, so trees take only the coarsest derivation of each
code; strong regularisation of the linear model and few leaves pay; more trees do not.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import parallel_config  # type: ignore[import-untyped]
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from trainer.learning.encoding import Encoding, Matrix

SEED = 20_080
FOREST_MISSING = -1.0
"""Forests take a missing value as this number; no code is negative."""

Classes = NDArray[np.int8]
Parameters = dict[str, Any]
"""Of a library's estimator, by its own names."""
Estimator = Any
"""A fitted scikit-learn classifier; the library has no types."""

Fit = Callable[[Parameters, Encoding, Matrix, Classes, int], Estimator]


@dataclass(frozen=True)
class Candidate:
    """A way to learn. takes_finer: it gets every derivation of a code."""

    algorithm: str
    parameters: Parameters
    takes_finer: bool
    fit_with: Fit

    def fit(
        self, encoding: Encoding, matrix: Matrix, y: Classes, *, threads: int
    ) -> Estimator:
        """The fitted estimator of a matrix that the encoding made; deterministic.

        The caller is inside of `limited`.
        """
        return self.fit_with(self.parameters, encoding, matrix, y, threads)


@contextmanager
def limited(threads: int) -> Iterator[None]:
    """A block in which the libraries take no more threads than that per fit."""
    # a daemon process may not start others, and forests ask joblib how many it may
    with threadpool_limits(limits=threads), parallel_config("threading"):
        yield


def probabilities(estimator: Estimator, rows: object) -> Matrix:
    """The probability of class 1 per row, (rows,)."""
    with nameless():
        return np.asarray(estimator.predict_proba(rows)[:, 1], dtype=np.float64)


@contextmanager
def nameless() -> Iterator[None]:
    """A block in which LightGBM does not miss the names that it gave to a matrix itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        yield


def _logistic_regression(
    parameters: Parameters, encoding: Encoding, matrix: Matrix, y: Classes, _: int
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
    regression = LogisticRegression(**parameters)
    return Pipeline([("expand", expand), ("regression", regression)]).fit(matrix, y)


def _random_forest(
    parameters: Parameters, _: Encoding, matrix: Matrix, y: Classes, threads: int
) -> Estimator:
    fill = SimpleImputer(
        strategy="constant", fill_value=FOREST_MISSING, keep_empty_features=True
    )
    forest = RandomForestClassifier(**parameters, n_jobs=threads, random_state=SEED)
    return Pipeline([("fill", fill), ("forest", forest)]).fit(matrix, y)


def _hist_gradient_boosting(
    parameters: Parameters, encoding: Encoding, matrix: Matrix, y: Classes, _: int
) -> Estimator:
    return HistGradientBoostingClassifier(
        **parameters,
        categorical_features=encoding.code_places or None,
        early_stopping=False,
        random_state=SEED,
    ).fit(matrix, y)


def _lightgbm(
    parameters: Parameters, encoding: Encoding, matrix: Matrix, y: Classes, threads: int
) -> Estimator:
    # row-wise, deterministic histograms: the same trees for any number of threads
    return LGBMClassifier(
        **parameters,
        n_jobs=threads,
        random_state=SEED,
        deterministic=True,
        force_row_wise=True,
        verbosity=-1,
    ).fit(matrix, y, categorical_feature=encoding.code_places)


CANDIDATES = (
    Candidate(
        algorithm="random_forest",
        parameters={"n_estimators": 100, "min_samples_leaf": 20, "max_samples": 0.3},
        takes_finer=False,
        fit_with=_random_forest,
    ),
    Candidate(
        algorithm="lightgbm",
        parameters={
            "n_estimators": 300,
            "learning_rate": 0.03,
            "num_leaves": 15,
            "min_child_samples": 100,
            "colsample_bytree": 0.5,
            "subsample": 0.7,
            "subsample_freq": 1,
            "reg_lambda": 1.0,
            "cat_smooth": 5.0,
            "cat_l2": 5.0,
            "min_data_per_group": 50,
        },
        takes_finer=False,
        fit_with=_lightgbm,
    ),
    Candidate(
        algorithm="hist_gradient_boosting",
        parameters={
            "max_iter": 120,
            "learning_rate": 0.08,
            "max_leaf_nodes": 15,
            "min_samples_leaf": 50,
            "l2_regularization": 1.0,
            "max_features": 0.5,
        },
        takes_finer=False,
        fit_with=_hist_gradient_boosting,
    ),
    Candidate(
        algorithm="logistic_regression",
        parameters={"C": 0.02, "max_iter": 300},
        takes_finer=True,
        fit_with=_logistic_regression,
    ),
)
"""The slowest first: so the cores are busy to the end."""
