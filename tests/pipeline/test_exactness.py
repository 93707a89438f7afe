"""What a pod answers to real rows is what scikit-learn answers, whoever was promoted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from pydantic import JsonValue

from inference.duty.predicting import Prediction, ServingModel
from relevo_bundles import Bundle, plain_rows, trees
from relevo_contracts.manifest import Lineage
from relevo_datasets import SPLIT, dataset_named
from relevo_datasets.clean_table import CleanTable
from relevo_datasets.splitting import TEST, SplitRatios, splits_of
from trainer.learning.assignment import Table
from trainer.learning.bundling import Description, build_bundle, build_pipeline, columns_of
from trainer.learning.candidates import CANDIDATES, Candidate, limited, probabilities
from trainer.learning.encoding import finer_derivations, learn_encoding
from trainer.learning.learning_set import LearningSet, assemble

DATASET = dataset_named("diabetes130")
THRESHOLD = 0.1
ROWS = 5_000
DESCRIPTION = Description(
    model="diabetes130",
    target="<30",
    algorithm="",
    threshold=THRESHOLD,
    metrics={},
    lineage=Lineage(
        run_id="r",
        batches=("diabetes130-0001",),
        batch_sha256=("0" * 64,),
        code_version="c",
        trained_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
)
Pod = Callable[[bytes], ServingModel]


def shipped(number: int) -> pd.DataFrame:
    """A shipped batch as the cleaner leaves it."""
    with (files("data_api") / "data" / f"batch-{number:04d}.parquet").open("rb") as file:
        return DATASET.clean(pd.read_parquet(file), "<30").frame


@pytest.fixture(scope="module")
def learning() -> LearningSet:
    frame = shipped(1)
    splits = splits_of(frame["group"], SplitRatios(70, 15, 15), salt="test")
    content = CleanTable(frame.assign(**{SPLIT: splits}), DATASET, "<30").to_parquet()
    return assemble((Table("diabetes130-0001", "0" * 64, "0" * 64, content),))


@pytest.fixture(scope="module")
def unknown_rows() -> pd.DataFrame:
    """Rows of a batch that nothing was learned from."""
    return shipped(2).head(ROWS)


@pytest.fixture(scope="module", params=CANDIDATES, ids=lambda each: each.algorithm)
def learned(
    request: pytest.FixtureRequest, learning: LearningSet, unknown_rows: pd.DataFrame
) -> tuple[bytes, NDArray[np.float64]]:
    """A family's bundle, and what its scikit-learn pipeline answers to the rows."""
    candidate: Candidate = request.param
    rows = learning.rows("train")
    encoding = learn_encoding(learning.derived.iloc[rows], DATASET)
    if not candidate.takes_finer:
        encoding = encoding.without(finer_derivations(DATASET))
    matrix = encoding.matrix(learning.derived)
    with limited(2):
        estimator = candidate.fit(encoding, matrix[rows], learning.y[rows], threads=2)
    pipeline = build_pipeline(estimator, encoding, learning.derived, DATASET)
    test = learning.frame.iloc[learning.rows(TEST)]
    content = build_bundle(
        estimator,
        encoding,
        DATASET,
        DESCRIPTION,
        test=test,
        expected=probabilities(pipeline, test),
    )
    return content, probabilities(pipeline, unknown_rows)


@pytest.fixture(params=["C", "numpy"])
def pod(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pod:
    """Reads a bundle where it is walked by C, and where there was no compiler."""
    if request.param == "numpy":
        monkeypatch.setattr(trees, "Forest", trees.NumpyForest)
        monkeypatch.setattr(plain_rows, "numbers", plain_rows.slow_numbers)
    return lambda content: ServingModel(Bundle.read(content), name="m", version="1")


def requests(frame: pd.DataFrame) -> list[JsonValue]:
    """The rows as callers would send them: identifiers are whole numbers."""
    columns = columns_of(frame, DATASET.features)
    for feature in DATASET.features:
        if feature.kind == "identifier":
            values = columns[feature.name]
            columns[feature.name] = [v if v is None else int(str(v)) for v in values]
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
    ]


def test_5000_real_rows_are_answered_as_by_scikit_learn_alone_and_together(
    learned: tuple[bytes, NDArray[np.float64]], unknown_rows: pd.DataFrame, pod: Pod
) -> None:
    content, expected = learned
    model = pod(content)
    rows = requests(unknown_rows)

    together = model.predict_rows(rows)
    alone = [model.predict_plain(json.dumps(row).encode()) for row in rows[::10]]

    assert (len(rows), together.errors) == (ROWS, [])
    assert np.abs(together.probabilities - expected).max() <= 1e-6
    assert (together.predictions == (expected >= THRESHOLD)).all()
    for answer, probability in zip(alone, expected[::10], strict=True):
        assert isinstance(answer, Prediction)
        assert abs(answer.probability - probability) <= 1e-6
        assert answer.prediction == int(probability >= THRESHOLD)
    assert np.ptp(expected) > 0.1
