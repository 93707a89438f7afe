"""Every candidate becomes a bundle that answers as its pipeline does."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.pipeline import Pipeline

from relevo_bundles import Bundle, prove
from relevo_contracts.manifest import Lineage
from relevo_datasets import dataset_named
from relevo_datasets.splitting import TEST, TRAIN
from trainer.learning.bundling import (
    Description,
    InexactBundleError,
    build_bundle,
    build_pipeline,
    columns_of,
)
from trainer.learning.candidates import CANDIDATES, Candidate, limited, probabilities
from trainer.learning.encoding import Encoding, finer_derivations, learn_encoding
from trainer.learning.learning_set import LearningSet
from trainer.recording.model_folder import TRUSTED_TYPES

DATASET = dataset_named("diabetes130")
DESCRIPTION = Description(
    model="m",
    target="<30",
    algorithm="a",
    threshold=0.2,
    metrics={},
    lineage=Lineage(
        run_id="r",
        batches=("b",),
        batch_sha256=("0" * 64,),
        code_version="c",
        trained_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
)
every_candidate = pytest.mark.parametrize(
    "candidate", CANDIDATES, ids=lambda candidate: candidate.algorithm
)


def fitted(candidate: Candidate, learning: LearningSet) -> tuple[Pipeline, Encoding]:
    rows = learning.rows(TRAIN)
    encoding = learn_encoding(learning.derived.iloc[rows], DATASET)
    if not candidate.takes_finer:
        encoding = encoding.without(finer_derivations(DATASET))
    matrix = encoding.matrix(learning.derived)
    with limited(1):
        estimator = candidate.fit(encoding, matrix[rows], learning.y[rows], threads=1)
    return build_pipeline(estimator, encoding, learning.derived, DATASET), encoding


@pytest.fixture
def odd_test_rows(learning: LearningSet) -> pd.DataFrame:
    """Test rows, some with words that were never seen and with missing values."""
    rows = learning.frame.iloc[learning.rows(TEST)].reset_index(drop=True)
    rows.loc[::7, "race"] = "Martian"
    rows.loc[::11, "discharge_disposition_id"] = "99"
    rows.loc[::5, ["diag_1", "medical_specialty", "admission_source_id"]] = None
    rows.loc[::13, "diag_2"] = "V99.1"
    rows.loc[::17, "number_inpatient"] = 60
    return rows


@every_candidate
def test_a_bundle_answers_as_its_pipeline_also_where_words_are_new_or_missing(
    candidate: Candidate, learning: LearningSet, odd_test_rows: pd.DataFrame
) -> None:
    pipeline, encoding = fitted(candidate, learning)
    expected = probabilities(pipeline, odd_test_rows)

    content = build_bundle(
        pipeline["estimator"],
        encoding,
        DATASET,
        DESCRIPTION,
        test=learning.frame.iloc[learning.rows(TEST)],
        expected=probabilities(pipeline, learning.frame.iloc[learning.rows(TEST)]),
    )

    bundle = Bundle.read(content)
    answers = bundle.probabilities(columns_of(odd_test_rows, DATASET.features))
    assert np.abs(answers - expected).max() < 1e-12
    assert prove(bundle) < 1e-12
    assert np.unique(expected).size > 100


@every_candidate
def test_the_trusted_types_are_enough_to_load_a_pipeline(
    candidate: Candidate, learning: LearningSet
) -> None:
    pipeline, _ = fitted(candidate, learning)
    content = skops.io.dumps(pipeline)

    assert set(skops.io.get_untrusted_types(data=content)) <= set(TRUSTED_TYPES)


def test_a_bundle_that_answers_otherwise_is_never_made(learning: LearningSet) -> None:
    pipeline, encoding = fitted(CANDIDATES[-1], learning)
    test = learning.frame.iloc[learning.rows(TEST)]
    expected = probabilities(pipeline, test)
    expected[3] += 1e-5

    with pytest.raises(InexactBundleError, match="1e-05"):
        build_bundle(
            pipeline["estimator"],
            encoding,
            DATASET,
            DESCRIPTION,
            test=test,
            expected=expected,
        )


def test_golden_rows_span_the_answers_and_are_requests(learning: LearningSet) -> None:
    pipeline, encoding = fitted(CANDIDATES[-1], learning)
    test = learning.frame.iloc[learning.rows(TEST)]
    expected = probabilities(pipeline, test)
    content = build_bundle(
        pipeline["estimator"], encoding, DATASET, DESCRIPTION, test=test, expected=expected
    )

    golden = Bundle.read(content).manifest.golden

    assert golden[0].probability == expected.min()
    assert golden[-1].probability == expected.max()
    assert all(set(each.row) == {f.name for f in DATASET.features} for each in golden)
    identifiers = [each.row["admission_type_id"] for each in golden]
    assert all(value is None or isinstance(value, int) for value in identifiers)
