"""What a bundle answers is what the trained model answers, family by family."""

import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pytest
import treelite
from numpy.typing import NDArray
from pydantic import JsonValue
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from relevo_bundles import Bundle, trees, write
from relevo_bundles.nodes import LEAF, read_tables
from relevo_bundles.samples import ROW, sample_manifest
from relevo_bundles.tabulating import tabulate
from relevo_contracts import ClassWords, Task
from relevo_contracts.manifest import (
    Estimator,
    Golden,
    Input,
    Linear,
    LinearTerm,
    Lookup,
    Quantity,
    Trees,
)

Matrix = NDArray[np.float64]
Form = tuple[Estimator, dict[str, bytes]]
"""A model as its bundle has it."""
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


def bundle_of(form: Form, task: Task = "binary") -> bytes:
    estimator, files = form
    count = {"binary": 2, "multiclass": CLASSES, "regression": 0}[task]
    facts = {
        "inputs": INPUTS,
        "estimator": estimator,
        "task": task,
        "classes": tuple(
            ClassWords(value=value, label=f"class {value}", words=())
            for value in range(count)
        ),
        "threshold": 0.5 if task == "binary" else None,
        "golden": (Golden(row=ROW, answer=(0.0,) * estimator.outputs),),
    }
    return write(sample_manifest().model_copy(update=facts), files)


CLASSES = 7
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")
ENCODER = Bundle.read(bundle_of((Linear(intercept=(0.0,), terms=()), {})))
TRAINING = ENCODER.encode(columns(1500, seed=1, unseen=False))
CHANCE = np.random.default_rng(2).normal(size=1500)
SCORE = (
    TRAINING[:, 0] / 5
    + np.nan_to_num(TRAINING[:, 1])
    + (TRAINING[:, 2] % 3 == 0)
    + (TRAINING[:, 3] == 1)
    + CHANCE
)
TARGETS: Mapping[Task, NDArray[np.generic]] = {
    "binary": (SCORE > 2.5).astype(int),
    "multiclass": np.digitize(SCORE, np.quantile(SCORE, np.arange(1, CLASSES) / CLASSES)),
    "regression": SCORE,
}
NEW = columns(1000, seed=3, unseen=True)


def forest(task: Task) -> tuple[Form, Matrix]:
    kind = RandomForestRegressor if task == "regression" else RandomForestClassifier
    fitted = kind(15, min_samples_leaf=5, random_state=0)
    fitted.fit(np.nan_to_num(TRAINING, nan=-1), TARGETS[task])
    model = treelite.sklearn.import_model(fitted)
    form = tabulate(model, missing=-1, single_precision=True)
    return form, answers(fitted, np.nan_to_num(ENCODER.encode(NEW), nan=-1), task)


def gradient_boosting(task: Task) -> tuple[Form, Matrix]:
    kind = HistGradientBoostingClassifier
    if task == "regression":
        kind = HistGradientBoostingRegressor
    fitted = kind(categorical_features=[2, 3], max_iter=20)
    fitted.fit(TRAINING, TARGETS[task])
    with warnings.catch_warnings():  # treelite casts the missing category to a number
        warnings.simplefilter("ignore", RuntimeWarning)
        form = tabulate(treelite.sklearn.import_model(fitted))
    return form, answers(fitted, ENCODER.encode(NEW), task)


def light_gbm(task: Task) -> tuple[Form, Matrix]:
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    fitted = kind(n_estimators=20, verbose=-1, n_jobs=1)
    fitted.fit(TRAINING, TARGETS[task], categorical_feature=[2, 3])
    form = tabulate(treelite.frontend.from_lightgbm(fitted.booster_))
    expected = np.asarray(fitted.booster_.predict(ENCODER.encode(NEW)))
    return form, expected.reshape(len(expected), -1)


def linear(task: Task) -> tuple[Form, Matrix]:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepared = ColumnTransformer([("n", numbers, [0, 1]), ("w", words, [2, 3])])
    last = Ridge() if task == "regression" else LogisticRegression(C=0.1, max_iter=300)
    fitted = make_pipeline(prepared, last).fit(TRAINING, TARGETS[task])
    weights = np.atleast_2d(last.coef_).T.tolist()
    imputer, scaler = prepared.named_transformers_["n"]
    terms = [
        LinearTerm(input=each.name, weight=w, mean=m, scale=s, fill=f)
        for each, w, m, s, f in zip(
            INPUTS[:2],
            weights[:2],
            scaler.mean_,
            scaler.scale_,
            imputer.statistics_,
            strict=True,
        )
    ]
    start, nothing = 2, [0.0] * len(weights[0])
    for each, known in zip(
        INPUTS[2:], prepared.named_transformers_["w"].categories_, strict=True
    ):
        own = dict(zip(known.tolist(), weights[start:], strict=False))
        absent = next((w for code, w in own.items() if np.isnan(code)), nothing)
        size = int(np.nanmax(known)) + 1
        weight_of = tuple(own.get(float(code), nothing) for code in range(size))
        terms.append(LinearTerm(input=each.name, weights=weight_of, absent=absent))
        start += len(known)
    link = {"binary": "logistic", "multiclass": "softmax", "regression": "identity"}[task]
    intercept = np.atleast_1d(last.intercept_).tolist()
    model = Linear(intercept=intercept, terms=tuple(terms), link=link)
    return (model, {}), answers(fitted, ENCODER.encode(NEW), task)


def answers(fitted: Any, matrix: Matrix, task: Task) -> Matrix:
    """What scikit-learn says: (rows × outputs)."""
    if task == "regression":
        return np.asarray(fitted.predict(matrix)[:, np.newaxis])
    probabilities = np.asarray(fitted.predict_proba(matrix))
    return probabilities[:, 1:] if task == "binary" else probabilities


FAMILIES = {each.__name__: each for each in (forest, gradient_boosting, light_gbm, linear)}
TREES = [name for name in FAMILIES if name != "linear"]


@cache
def learned(family: str, task: Task) -> tuple[Form, Matrix]:
    """A fitted model's form, and its own answers to NEW."""
    return FAMILIES[family](task)


@pytest.mark.parametrize("walks", ["native", "numpy"])
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_bundle_answers_as_the_model_that_was_trained(
    family: str, task: Task, walks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if walks == "numpy":
        monkeypatch.setattr(trees, "Forest", trees.NumpyForest)
    form, expected = learned(family, task)
    bundle = Bundle.read(bundle_of(form, task))

    together = bundle.answers(NEW)
    rows = [bundle.encoder.encode_row({n: NEW[n][row] for n in NEW}) for row in range(60)]
    alone = np.array([bundle.numbers(row) for row in rows])

    assert together.shape == (1000, CLASSES if task == "multiclass" else 1)
    assert bundle.outputs == together.shape[1]
    assert (np.ptp(expected, axis=0) > 0.2).all()
    assert float(np.abs(together - expected).max()) <= 1e-9
    assert float(np.abs(alone - expected[:60]).max()) <= 1e-9
    if bundle.outputs == 1:
        assert [bundle.number(row) for row in rows] == alone[:, 0].tolist()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("family", TREES)
def test_a_tree_covers_all_train_rows_and_a_node_those_of_its_children(
    family: str, task: Task
) -> None:
    (estimator, files), _ = learned(family, task)
    assert isinstance(estimator, Trees)
    nodes, *_, cover = read_tables(estimator, files, inputs=len(INPUTS))
    assert cover is not None

    inner = nodes[nodes["feature"] != LEAF]
    own = cover[nodes["feature"] != LEAF]

    assert set(cover[list(estimator.roots)]) == {len(TRAINING)}
    assert (cover[inner["left"]] + cover[inner["right"]] == own).all()
    assert cover.min() > 0
