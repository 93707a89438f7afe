"""Every candidate of every task becomes a bundle that answers as its pipeline does."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from relevo_bundles import Bundle, CleanRow, RequestSchema, prove
from relevo_contracts import Task
from relevo_contracts.manifest import Lineage
from relevo_datasets.splitting import TEST
from relevo_features import kind_of
from trainer.judging.comparison import Answers
from trainer.learning.bundling import (
    GOLDEN_ROWS,
    Description,
    InexactBundleError,
    build_bundle,
    build_pipeline,
    columns_of,
    golden_rows,
)
from trainer.learning.candidates import CANDIDATES
from trainer.learning.fitting import answers_of
from trainer.learning.learning_set import LearningSet
from trainer.learning.training import Trained
from trainer.learning.trials import Trial

LINEAGE = Lineage(
    run_id="r",
    batches=("b",),
    batch_sha256=("0" * 64,),
    code_version="c",
    trained_at=datetime(2026, 1, 1, tzinfo=UTC),
)
UNKNOWN = {"string": "V99.1", "integer": "99"}
"""By the type of JSON a clean value that no dataset knows, and that each would answer."""
LINEAR = len(CANDIDATES["binary"]) - 1
every_candidate = pytest.mark.parametrize(
    ("task", "place"),
    [
        pytest.param(task, place, id=f"{task} {candidate.algorithm}")
        for task, candidates in CANDIDATES.items()
        for place, candidate in enumerate(candidates)
    ],
)
Of = dict[Task, Trained]
Fitted = tuple[Trial, LearningSet, Pipeline]


@pytest.fixture
def fitted(trained_of: Of) -> Callable[[Task, int], Fitted]:
    """(task, place of the candidate) -> what was learned, and its pipeline."""

    def found(task: Task, place: int) -> Fitted:
        learning, trial = trained_of[task].learning, trained_of[task].trials[place]
        pipeline = build_pipeline(
            trial.estimator, trial.encoding, learning.derived, learning.dataset
        )
        return trial, learning, pipeline

    return found


def judged(learning: LearningSet) -> pd.DataFrame:
    """The features of the test rows."""
    names = [feature.name for feature in learning.dataset.features]
    return learning.frame.iloc[learning.rows(TEST)][names].reset_index(drop=True)


def odd(rows: pd.DataFrame, learning: LearningSet) -> pd.DataFrame:
    """The rows, some with words that were never seen, and with missing values."""
    rows = rows.copy()
    for feature in learning.dataset.features:
        kind = kind_of(feature)
        if not (kind.is_quantity or feature.closed) and kind.json_type in UNKNOWN:
            rows.loc[::7, feature.name] = UNKNOWN[kind.json_type]
        if feature.nullable:
            rows.loc[::5, feature.name] = None
    return rows


def bundle_of(
    trial: Trial, learning: LearningSet, test: pd.DataFrame, expected: Answers
) -> bytes:
    is_binary = learning.target.task == "binary"
    description = Description(
        model="m",
        target=learning.target,
        algorithm="a",
        threshold=0.2 if is_binary else None,
        residuals=None if learning.target.classes else (-1.0, 2.0),
        metrics={},
        reference={},
        lineage=LINEAGE,
    )
    return build_bundle(
        trial.estimator,
        trial.encoding,
        learning.dataset,
        description,
        serve=trial.candidate.serve,
        test=test,
        expected=expected,
    )


@every_candidate
def test_a_bundle_answers_as_its_pipeline_also_where_words_are_new_or_missing(
    fitted: Callable[[Task, int], Fitted], task: Task, place: int
) -> None:
    trial, learning, pipeline = fitted(task, place)
    test = judged(learning)
    rows = odd(test, learning)
    expected = answers_of(learning.task, pipeline, rows)

    content = bundle_of(trial, learning, test, answers_of(learning.task, pipeline, test))

    bundle = Bundle.read(content)
    answers = bundle.answers(columns_of(rows, learning.dataset.features))
    size = np.maximum(np.abs(expected), 1)
    assert (np.abs(answers - expected) / size).max() < 1e-12
    assert prove(bundle) < 1e-12
    assert np.unique(expected).size > 50


@pytest.mark.slow
@every_candidate
def test_the_trusted_types_are_enough_to_load_a_pipeline(
    fitted: Callable[[Task, int], Fitted], task: Task, place: int
) -> None:
    # only here: both take seconds to import
    import skops.io

    from trainer.recording.model_folder import TRUSTED_TYPES

    _, _, pipeline = fitted(task, place)
    content = skops.io.dumps(pipeline)

    assert set(skops.io.get_untrusted_types(data=content)) <= set(TRUSTED_TYPES)


@pytest.mark.parametrize("task", CANDIDATES)
def test_a_bundle_that_answers_otherwise_is_never_made(
    fitted: Callable[[Task, int], Fitted], task: Task
) -> None:
    trial, learning, pipeline = fitted(task, LINEAR)
    test = judged(learning)
    expected = answers_of(learning.task, pipeline, test)
    expected[3, -1] += 1e-5 * max(1, abs(expected[3, -1]))

    with pytest.raises(InexactBundleError, match="1e-05"):
        bundle_of(trial, learning, test, expected)


@pytest.mark.parametrize("task", CANDIDATES)
def test_golden_rows_span_each_output_and_are_requests(trained_of: Of, task: Task) -> None:
    challenger = trained_of[task].challenger

    manifest = Bundle.read(challenger.bundle).manifest

    answers = np.array([each.answer for each in manifest.golden])
    assert (answers.min(axis=0) == challenger.test.min(axis=0)).all()
    assert (answers.max(axis=0) == challenger.test.max(axis=0)).all()
    assert GOLDEN_ROWS / 2 < len(answers) <= GOLDEN_ROWS
    schema = RequestSchema(manifest)
    for each in manifest.golden:
        assert set(each.row) == {feature.name for feature in manifest.features}
        assert isinstance(schema.check(each.row), CleanRow)
    identifiers = {type(each.row.get("admission_type_id")) for each in manifest.golden}
    assert identifiers <= {int, type(None)}


@pytest.mark.parametrize("task", CANDIDATES)
def test_the_manifest_says_what_is_predicted_and_what_a_row_may_carry(
    trained_of: Of, task: Task
) -> None:
    trained = trained_of[task]
    dataset, target = trained.learning.dataset, trained.learning.target

    manifest = Bundle.read(trained.challenger.bundle).manifest

    assert (manifest.task, manifest.target) == (task, target.name)
    assert manifest.classes == target.classes
    assert (manifest.threshold is None) == (task != "binary")
    assert (manifest.residuals is None) == (task != "regression")
    assert manifest.row_id == dataset.rows.id
    assert target.column in manifest.ignored
    assert manifest.outside == dataset.outside
    assert set(manifest.reference) == {feature.name for feature in dataset.features}


def test_columns_of_the_source_that_no_feature_is_made_of_are_ignored(
    first: Trained,
) -> None:
    manifest = Bundle.read(first.challenger.bundle).manifest

    assert set(manifest.ignored) == {"encounter_id", "patient_nbr", "weight", "readmitted"}


def test_one_row_of_each_extreme_is_golden_where_there_are_more_classes_than_rows(
    trained_of: Of,
) -> None:
    rows = judged(trained_of["binary"].learning)
    features = trained_of["binary"].learning.dataset.features
    expected = np.random.default_rng(0).random((len(rows), GOLDEN_ROWS + 8))

    answers = np.array([each.answer for each in golden_rows(rows, expected, features)])

    assert (answers.max(axis=0) == expected.max(axis=0)).all()
    assert (answers.min(axis=0) == expected.min(axis=0)).all()
