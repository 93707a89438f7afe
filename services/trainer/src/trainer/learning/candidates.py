"""The candidates: who may become a challenger, how each is fitted, and how it is served.

The settings were chosen on diabetes130 over several splits (benchmarks/learning.py):
codes with many words overfit trees, so trees take only the coarsest derivation of each
code; strong regularisation of the linear model and few leaves pay; more trees do not.
A dataset that they do not fit declares others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge

from relevo_contracts import Task
from relevo_datasets import Dataset
from trainer.judging.comparison import Outcomes
from trainer.learning.encoding import Encoding, Matrix
from trainer.learning.fitting import (
    Estimators,
    Fit,
    Parameters,
    fit_forest,
    fit_gradient_boosting,
    fit_lightgbm,
    fit_linear,
)
from trainer.learning.serving import (
    Estimator,
    Serve,
    serve_forest,
    serve_gradient_boosting,
    serve_lightgbm,
    serve_logistic_regression,
    serve_ridge,
)


@dataclass(frozen=True)
class Candidate:
    """A way to learn, and the form in which what it learned is served.

    estimators: the library's class. takes_finer: it gets every derivation of a code.
    """

    algorithm: str
    estimators: Estimators
    parameters: Parameters
    fit_with: Fit
    serve: Serve
    takes_finer: bool = False

    def fit(
        self, encoding: Encoding, matrix: Matrix, y: Outcomes, *, threads: int
    ) -> Estimator:
        """The fitted estimator of a matrix that the encoding made; deterministic.

        The caller is inside of `limited`.
        """
        return self.fit_with(self.estimators, self.parameters, encoding, matrix, y, threads)


def random_forest(estimators: Estimators) -> Candidate:
    """scikit-learn's forest."""
    return Candidate(
        algorithm="random_forest",
        estimators=estimators,
        parameters={"n_estimators": 100, "min_samples_leaf": 20, "max_samples": 0.3},
        fit_with=fit_forest,
        serve=serve_forest,
    )


def lightgbm(estimators: Estimators) -> Candidate:
    """LightGBM's boosted trees."""
    return Candidate(
        algorithm="lightgbm",
        estimators=estimators,
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
        fit_with=fit_lightgbm,
        serve=serve_lightgbm,
    )


def hist_gradient_boosting(estimators: Estimators) -> Candidate:
    """scikit-learn's boosted trees."""
    return Candidate(
        algorithm="hist_gradient_boosting",
        estimators=estimators,
        parameters={
            "max_iter": 120,
            "learning_rate": 0.08,
            "max_leaf_nodes": 15,
            "min_samples_leaf": 50,
            "l2_regularization": 1.0,
            "max_features": 0.5,
        },
        fit_with=fit_gradient_boosting,
        serve=serve_gradient_boosting,
    )


LOGISTIC_REGRESSION = Candidate(
    algorithm="logistic_regression",
    estimators=LogisticRegression,
    parameters={"C": 0.02, "max_iter": 300},
    fit_with=fit_linear,
    serve=serve_logistic_regression,
    takes_finer=True,
)
RIDGE = Candidate(
    algorithm="ridge",
    estimators=Ridge,
    parameters={"alpha": 10.0},
    fit_with=fit_linear,
    serve=serve_ridge,
    takes_finer=True,
)
CLASSIFIERS = (
    random_forest(RandomForestClassifier),
    lightgbm(LGBMClassifier),
    hist_gradient_boosting(HistGradientBoostingClassifier),
    LOGISTIC_REGRESSION,
)
REGRESSORS = (
    random_forest(RandomForestRegressor),
    lightgbm(LGBMRegressor),
    hist_gradient_boosting(HistGradientBoostingRegressor),
    RIDGE,
)
CANDIDATES: Mapping[Task, tuple[Candidate, ...]] = MappingProxyType(
    {"binary": CLASSIFIERS, "multiclass": CLASSIFIERS, "regression": REGRESSORS}
)
"""By task; the slowest first: so the cores are busy to the end."""


def candidates_for(dataset: Dataset, task: Task) -> tuple[Candidate, ...]:
    """The task's candidates, with the settings that the dataset declares.

    Which there may be is checked by `settable.check_candidates`.
    """
    return tuple(
        replace(
            each,
            parameters={**each.parameters, **dataset.candidates.get(each.algorithm, {})},
        )
        for each in CANDIDATES[task]
    )
