"""How a fitted estimator is served: the manifest's estimator and its files, by family.

A candidate carries the one of these that fits it; `bundling` only calls it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import treelite
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from relevo_bundles.tabulating import tabulate
from relevo_contracts.manifest import Linear, LinearTerm, Link, Trees
from trainer.learning.encoding import Column, Encoding

Estimator = Any
"""A fitted scikit-learn estimator; the library has no types."""

Form = tuple[Trees | Linear, dict[str, bytes]]
"""The manifest's estimator, and the bundle's files beside the manifest."""

Serve = Callable[[Estimator, Encoding], Form]
"""Of an estimator that was fitted on matrices of that encoding."""


def serve_lightgbm(estimator: Estimator, _: Encoding) -> Form:
    """Boosted trees of LightGBM."""
    return tabulate(treelite.frontend.from_lightgbm(estimator.booster_))


def serve_gradient_boosting(estimator: Estimator, _: Encoding) -> Form:
    """Boosted trees of scikit-learn, by histograms."""
    with np.errstate(invalid="ignore"):  # the category not-a-number, which is unused
        return tabulate(treelite.sklearn.import_model(estimator))


def serve_forest(estimator: Estimator, _: Encoding) -> Form:
    """A pipeline of `fill`, by which missing becomes a number, and `forest`."""
    model = treelite.sklearn.import_model(estimator["forest"])
    return tabulate(model, missing=estimator["fill"].fill_value, single_precision=True)


def serve_logistic_regression(estimator: Estimator, encoding: Encoding) -> Form:
    """A pipeline of `expand` and the logistic `regression` of two classes or of several."""
    is_of_two = len(estimator["regression"].intercept_) == 1
    return _linear(estimator, encoding, "logistic" if is_of_two else "softmax")


def serve_ridge(estimator: Estimator, encoding: Encoding) -> Form:
    """A pipeline of `expand` and the linear `regression` of a number."""
    return _linear(estimator, encoding, "identity")


def _linear(estimator: Pipeline, encoding: Encoding, link: Link) -> Form:
    """The terms of a regression over scaled numbers and one-hot codes."""
    expand, regression = estimator["expand"], estimator["regression"]
    numbers = expand.named_transformers_["numbers"]
    weights = np.atleast_2d(regression.coef_).T
    terms = [
        LinearTerm(
            input=column.name,
            weight=tuple(weights[place].tolist()),
            mean=float(numbers["scale"].mean_[place]),
            scale=float(numbers["scale"].scale_[place]),
            fill=float(numbers["fill"].statistics_[place]),
        )
        for place, column in enumerate(encoding.quantities)
    ]
    start = len(encoding.quantities)
    for column in encoding.words:
        end = start + len(column.words or ())
        terms.append(_term(column, weights[start:end], weights[end]))
        start = end + 1
    intercept = tuple(np.atleast_1d(regression.intercept_).tolist())
    return Linear(intercept=intercept, terms=tuple(terms), link=link), {}


def _term(
    column: Column, weights: NDArray[np.float64], absent: NDArray[np.float64]
) -> LinearTerm:
    """weights: (codes × outputs); absent: what a missing code adds, (outputs,)."""
    return LinearTerm(
        input=column.name,
        weights=tuple(tuple(row) for row in weights.tolist()),
        absent=tuple(absent.tolist()),
        shares=column.shares,
    )
