"""A fitted candidate becomes a serving bundle, and the bundle is proven to be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import treelite
from lightgbm import LGBMClassifier
from pydantic import JsonValue
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from relevo_bundles import Bundle, write
from relevo_bundles.tabulating import tabulate
from relevo_contracts import Feature, Manifest
from relevo_contracts.manifest import (
    Golden,
    Input,
    Interval,
    Lineage,
    Linear,
    LinearTerm,
    Quantity,
    Trees,
)
from relevo_datasets import Dataset
from relevo_datasets.derived import derive
from trainer.learning.candidates import FOREST_MISSING, Estimator
from trainer.learning.encoding import Encoding, Matrix

GOLDEN_ROWS = 32
TOLERANCE = 1e-6


class InexactBundleError(Exception):
    """The bundle does not answer as the pipeline that it was made of: a bug."""


@dataclass(frozen=True)
class Description:
    """What a manifest says beside the model itself."""

    model: str
    target: str
    algorithm: str
    threshold: float
    metrics: Mapping[str, Interval]
    lineage: Lineage


def build_pipeline(
    estimator: Estimator, encoding: Encoding, derived: pd.DataFrame, dataset: Dataset
) -> Pipeline:
    """Clean features -> answer, by scikit-learn alone; all steps are fitted already."""
    deriving = FunctionTransformer(derive, kw_args={"dataset_name": dataset.name})
    encode = encoding.step(derived)
    return Pipeline([("derive", deriving), ("encode", encode), ("estimator", estimator)])


def build_bundle(
    estimator: Estimator,
    encoding: Encoding,
    dataset: Dataset,
    description: Description,
    *,
    test: pd.DataFrame,
    expected: Matrix,
) -> bytes:
    """The bundle of a fitted estimator.

    test: clean rows that nothing was learned from; expected: the pipeline's own
    probabilities of them. The bundle is asked for all of them, and some become golden.
    Raises InexactBundleError when an answer differs by more than 1e-6.
    """
    inputs = tuple(column.as_input() for column in encoding.columns)
    model, files = _serving_form(estimator, encoding, inputs)
    manifest = Manifest(
        model=description.model,
        dataset=dataset.name,
        target=description.target,
        labels=dataset.labels[description.target],
        algorithm=description.algorithm,
        threshold=description.threshold,
        features=dataset.features,
        example=dict(dataset.example) if dataset.example else None,
        source=dataset.words,
        inputs=inputs,
        estimator=model,
        metrics=dict(description.metrics),
        golden=golden_rows(test, expected, dataset.features),
        lineage=description.lineage,
    )
    content = write(manifest, files)
    answers = Bundle.read(content).probabilities(columns_of(test, dataset.features))
    if not (worst := float(np.abs(answers - expected).max())) <= TOLERANCE:
        raise InexactBundleError(f"the bundle's answers differ by up to {worst:.3g}")
    return content


def columns_of(
    frame: pd.DataFrame, features: Sequence[Feature]
) -> dict[str, list[JsonValue]]:
    """Clean rows as a bundle takes them: per feature its values, None where missing."""
    return {
        feature.name: [
            None if is_missing else value
            for value, is_missing in zip(
                frame[feature.name].tolist(), frame[feature.name].isna(), strict=True
            )
        ]
        for feature in features
    }


def golden_rows(
    frame: pd.DataFrame, expected: Matrix, features: Sequence[Feature]
) -> tuple[Golden, ...]:
    """Rows over the whole range of answers, as a caller would send them."""
    chosen = np.unique(np.linspace(0, len(frame) - 1, GOLDEN_ROWS).astype(int))
    places = np.argsort(expected, kind="stable")[chosen]
    return tuple(
        Golden(row=row, probability=float(expected[place]))
        for row, place in zip(
            requests_of(frame.iloc[places], features), places, strict=True
        )
    )


def requests_of(
    frame: pd.DataFrame, features: Sequence[Feature]
) -> list[dict[str, JsonValue]]:
    """Clean rows as a caller would send them.

    Identifiers are text in the clean table and whole numbers in a request.
    """
    columns = columns_of(frame, features)
    for feature in features:
        if feature.kind == "identifier":
            values = columns[feature.name]
            columns[feature.name] = [v if v is None else int(str(v)) for v in values]
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
    ]


def _serving_form(
    estimator: Estimator, encoding: Encoding, inputs: Sequence[Input]
) -> tuple[Trees | Linear, dict[str, bytes]]:
    if isinstance(estimator, LGBMClassifier):
        return tabulate(treelite.frontend.from_lightgbm(estimator.booster_))
    if isinstance(estimator, HistGradientBoostingClassifier):
        with np.errstate(invalid="ignore"):  # the category not-a-number, which is unused
            return tabulate(treelite.sklearn.import_model(estimator))
    if "forest" in estimator.named_steps:
        model = treelite.sklearn.import_model(estimator.named_steps["forest"])
        return tabulate(model, missing=FOREST_MISSING, single_precision=True)
    return _linear(estimator, encoding, inputs), {}


def _linear(estimator: Pipeline, encoding: Encoding, inputs: Sequence[Input]) -> Linear:
    """The terms of a logistic regression over scaled numbers and one-hot codes."""
    expand, regression = estimator["expand"], estimator["regression"]
    weights = regression.coef_[0].tolist()
    numbers = expand.named_transformers_["numbers"]
    quantities = len(encoding.quantities)
    terms, start = [], quantities
    for place, each in enumerate(inputs):
        if isinstance(each.encoding, Quantity):
            terms.append(
                LinearTerm(
                    input=each.name,
                    weight=weights[place],
                    mean=float(numbers["scale"].mean_[place]),
                    scale=float(numbers["scale"].scale_[place]),
                    fill=float(numbers["fill"].statistics_[place]),
                )
            )
        else:
            end = start + len(encoding.columns[place].words or ())
            terms.append(
                LinearTerm(
                    input=each.name, weights=tuple(weights[start:end]), absent=weights[end]
                )
            )
            start = end + 1
    return Linear(intercept=float(regression.intercept_[0]), terms=tuple(terms))
