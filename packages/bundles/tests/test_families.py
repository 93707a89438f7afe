"""What a bundle answers is what the trained model answers, family by family."""

import warnings
from collections.abc import Callable, Mapping

import lightgbm
import numpy as np
import pytest
import treelite
from numpy.typing import NDArray
from pydantic import JsonValue
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from relevo_bundles import Bundle, trees, write
from relevo_bundles.samples import sample_manifest
from relevo_bundles.tabulating import tabulate
from relevo_contracts.manifest import (
    Estimator,
    Input,
    Linear,
    LinearTerm,
    Lookup,
    Quantity,
)

Matrix = NDArray[np.float64]
NAN = float("nan")
INPUTS = (
    Input(name="visits", feature="visits", encoding=Quantity()),
    Input(name="dose", feature="dose", encoding=Quantity()),
    Input(
        name="diag",
        feature="diag_1",
        encoding=Lookup(part="head", codes={str(n): n for n in range(40)}),
    ),
    Input(
        name="insulin",
        feature="insulin",
        encoding=Lookup(codes={"No": 0, "Up": 1, "Down": 2}),
    ),
)


def columns(rows: int, *, seed: int, unseen: bool) -> Mapping[str, list[JsonValue]]:
    """Rows with missing values everywhere; `unseen`: with categories that are new."""
    random = np.random.default_rng(seed)
    heads = random.integers(0, 60 if unseen else 40, rows)
    words = np.array(["No", "Up", "Down", "Other" if unseen else "No"])
    dose = np.where(random.random(rows) < 0.2, NAN, random.normal(0.1, 1, rows))
    diag = [None if random.random() < 0.2 else f"{head}.01" for head in heads]
    return {
        "visits": random.integers(0, 14, rows).tolist(),
        "dose": [None if np.isnan(each) else each for each in dose.tolist()],
        "diag_1": diag,
        "insulin": [
            None if random.random() < 0.1 else str(w) for w in random.choice(words, rows)
        ],
    }


def bundle_of(estimator: Estimator, files: Mapping[str, bytes]) -> Bundle:
    facts = {"inputs": INPUTS, "estimator": estimator}
    return Bundle.read(write(sample_manifest().model_copy(update=facts), files))


ENCODER = bundle_of(Linear(intercept=0, terms=()), {})
TRAINING = ENCODER.encode(columns(4000, seed=1, unseen=False))
CHANCE = np.random.default_rng(2).normal(size=4000)
TARGET = (
    (
        TRAINING[:, 0] / 5
        + np.nan_to_num(TRAINING[:, 1])
        + (TRAINING[:, 2] % 3 == 0)
        + (TRAINING[:, 3] == 1)
        + CHANCE
    )
    > 2.5
).astype(int)
NEW = columns(3000, seed=3, unseen=True)


def forest() -> tuple[Bundle, Matrix]:
    fitted = RandomForestClassifier(30, min_samples_leaf=5, random_state=0)
    fitted.fit(np.nan_to_num(TRAINING, nan=-1), TARGET)
    model = treelite.sklearn.import_model(fitted)
    ensemble, files = tabulate(model, missing=-1, single_precision=True)
    expected = fitted.predict_proba(np.nan_to_num(ENCODER.encode(NEW), nan=-1))
    return bundle_of(ensemble, files), expected[:, 1]


def gradient_boosting() -> tuple[Bundle, Matrix]:
    fitted = HistGradientBoostingClassifier(categorical_features=[2, 3], max_iter=60)
    fitted.fit(TRAINING, TARGET)
    with warnings.catch_warnings():  # treelite casts the missing category to a number
        warnings.simplefilter("ignore", RuntimeWarning)
        ensemble, files = tabulate(treelite.sklearn.import_model(fitted))
    expected = fitted.predict_proba(ENCODER.encode(NEW))
    return bundle_of(ensemble, files), expected[:, 1]


def light_gbm() -> tuple[Bundle, Matrix]:
    fitted = lightgbm.LGBMClassifier(n_estimators=60, verbose=-1, n_jobs=1)
    fitted.fit(TRAINING, TARGET, categorical_feature=[2, 3])
    ensemble, files = tabulate(treelite.frontend.from_lightgbm(fitted.booster_))
    expected = np.asarray(fitted.booster_.predict(ENCODER.encode(NEW)))
    return bundle_of(ensemble, files), expected


def logistic_regression() -> tuple[Bundle, Matrix]:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepared = ColumnTransformer([("n", numbers, [0, 1]), ("w", words, [2, 3])])
    fitted = make_pipeline(prepared, LogisticRegression(max_iter=1000))
    fitted.fit(TRAINING, TARGET)
    weights = fitted[-1].coef_[0]
    scaler, fill = numbers_of(prepared)
    terms = [
        LinearTerm(input=each.name, weight=w, mean=m, scale=s, fill=f)
        for each, w, m, s, f in zip(
            INPUTS[:2], weights[:2], scaler.mean_, scaler.scale_, fill, strict=True
        )
    ]
    start = 2
    for each, known in zip(
        INPUTS[2:], prepared.named_transformers_["w"].categories_, strict=True
    ):
        own = dict(zip(known.tolist(), weights[start:], strict=False))
        absent = next((w for code, w in own.items() if np.isnan(code)), 0.0)
        size = int(np.nanmax(known)) + 1
        weight_of = tuple(own.get(float(code), 0.0) for code in range(size))
        terms.append(LinearTerm(input=each.name, weights=weight_of, absent=absent))
        start += len(known)
    linear = Linear(intercept=fitted[-1].intercept_[0], terms=tuple(terms))
    return bundle_of(linear, {}), fitted.predict_proba(ENCODER.encode(NEW))[:, 1]


def numbers_of(prepared: ColumnTransformer) -> tuple[StandardScaler, Matrix]:
    imputer, scaler = prepared.named_transformers_["n"]
    return scaler, imputer.statistics_


@pytest.mark.parametrize("walks", ["native", "numpy"])
@pytest.mark.parametrize(
    "family", [forest, gradient_boosting, light_gbm, logistic_regression]
)
def test_a_bundle_answers_as_the_model_that_was_trained(
    family: Callable[[], tuple[Bundle, Matrix]],
    walks: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if walks == "numpy":
        monkeypatch.setattr(trees, "Forest", trees.NumpyForest)
    bundle, expected = family()

    answers = bundle.probabilities(NEW)
    one_by_one = [
        bundle.probability(bundle.encoder.encode_row({n: NEW[n][row] for n in NEW}))
        for row in range(300)
    ]

    assert answers.shape == (3000,)
    assert np.ptp(expected) > 0.2
    assert float(np.abs(answers - expected).max()) <= 1e-9
    assert float(np.abs(one_by_one - expected[:300]).max()) <= 1e-9
