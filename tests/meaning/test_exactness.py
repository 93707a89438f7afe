"""What a pod answers to real rows is what scikit-learn answers, whoever was promoted."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from inference.duty.answering import said
from inference.duty.predicting import Prediction, ServingModel
from relevo_bundles import Bundle, plain_rows, trees
from relevo_contracts import Target, Task
from relevo_contracts.manifest import Lineage
from relevo_datasets import GROUP, SPLIT, TARGET, Dataset, clean, dataset_named
from relevo_datasets.derived import derive
from relevo_datasets.splitting import TEST, SplitRatios, splits_of
from trainer.judging.comparison import Answers
from trainer.learning.bundling import Description, build_bundle, build_pipeline, requests_of
from trainer.learning.candidates import CANDIDATES, candidates_for
from trainer.learning.fitting import answers_of
from trainer.learning.learning_set import LearningSet
from trainer.learning.stages import Stages
from trainer.learning.trials import Trial, try_all

pytestmark = pytest.mark.slow

THRESHOLD = 0.1
RESIDUALS = (-90.0, 110.0)
LEARNED_ROWS = 4_000
ROWS = 2_000
LINEAGE = Lineage(
    run_id="r",
    batches=("b",),
    batch_sha256=("0" * 64,),
    code_version="c",
    trained_at=datetime(2026, 1, 1, tzinfo=UTC),
)
Pod = Callable[[bytes], ServingModel]


def elevation() -> Dataset:
    """How high the cells of covertype lie: no number is predicted of what ships."""
    covertype = dataset_named("covertype")
    target = Target(name="Elevation", column="Elevation", task="regression")
    others = tuple(f for f in covertype.features if f.name != "Elevation")
    return replace(covertype, features=others, targets={target.name: target})


DATASETS: dict[Task, Dataset] = {
    "binary": dataset_named("diabetes130"),
    "multiclass": dataset_named("covertype"),
    "regression": elevation(),
}
every_model = [
    pytest.param((task, place), id=f"{task} {candidate.algorithm}")
    for task, candidates in CANDIDATES.items()
    for place, candidate in enumerate(candidates)
]


def shipped(dataset: Dataset, number: int) -> pd.DataFrame:
    """A shipped batch as the cleaner leaves it."""
    folder = files("data_api") / "data" / dataset.name
    with (folder / f"batch-{number:04d}.parquet").open("rb") as file:
        return clean(dataset, pd.read_parquet(file), dataset.default_target.name).frame


@lru_cache
def learning_of(task: Task) -> LearningSet:
    """Rows of the first shipped batch, to learn from."""
    dataset = DATASETS[task]
    frame = shipped(dataset, 1).head(LEARNED_ROWS)
    splits = splits_of(frame[GROUP], SplitRatios(70, 15, 15), salt="test")
    frame = frame.assign(**{SPLIT: splits})
    return LearningSet(
        dataset=dataset,
        target=dataset.default_target,
        frame=frame,
        derived=derive(frame, dataset.meaning),
        y=frame[TARGET].to_numpy(),
        newest=np.arange(len(frame)),
        batches=("b",),
        repeats=0,
    )


@lru_cache
def trials_of(task: Task) -> tuple[Trial, ...]:
    """All families, fitted."""
    candidates = candidates_for(DATASETS[task], task)
    return try_all(candidates, learning_of(task), 2, Stages(lambda _: None))


@dataclass(frozen=True)
class Learned:
    """A family's bundle, rows of the next batch, and scikit-learn's answers to them."""

    bundle: bytes
    rows: pd.DataFrame
    expected: Answers


@pytest.fixture(scope="module", params=every_model)
def learned(request: pytest.FixtureRequest) -> Learned:
    task, place = request.param
    learning, trial = learning_of(task), trials_of(task)[place]
    dataset, target = learning.dataset, learning.target
    description = Description(
        model=dataset.name,
        target=target,
        algorithm=trial.candidate.algorithm,
        threshold=THRESHOLD if task == "binary" else None,
        residuals=RESIDUALS if task == "regression" else None,
        metrics={},
        reference={},
        lineage=LINEAGE,
    )
    names = [feature.name for feature in dataset.features]
    test = learning.frame.iloc[learning.rows(TEST)][names]
    pipeline = build_pipeline(trial.estimator, trial.encoding, learning.derived, dataset)
    content = build_bundle(
        trial.estimator,
        trial.encoding,
        dataset,
        description,
        serve=trial.candidate.serve,
        test=test,
        expected=answers_of(learning.task, pipeline, test),
    )
    rows = shipped(dataset, 2)[names].head(ROWS)
    return Learned(content, rows, answers_of(learning.task, pipeline, rows))


@pytest.fixture(params=["C", "numpy"])
def pod(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Pod:
    """Reads a bundle where it is walked by C, and where there was no compiler."""
    if request.param == "numpy":
        monkeypatch.setattr(trees, "Forest", trees.NumpyForest)
        monkeypatch.setattr(plain_rows, "numbers", plain_rows.slow_numbers)
    return lambda content: ServingModel(Bundle.read(content), name="m", version="1")


def test_thousands_of_real_rows_are_answered_as_by_scikit_learn_alone_and_together(
    learned: Learned, pod: Pod
) -> None:
    model, expected = pod(learned.bundle), learned.expected
    rows = requests_of(learned.rows, model.manifest.features)

    together = model.predict_rows(list(rows))
    alone = [model.predict_plain(json.dumps(row).encode()) for row in rows[::20]]

    assert (len(together.rows), together.errors) == (len(rows), [])
    size = np.maximum(np.abs(expected), 1)
    assert (np.abs(together.answers - expected) / size).max() <= 1e-6
    for answer, numbers in zip(alone, expected[::20], strict=True):
        assert isinstance(answer, Prediction)
        assert answer.numbers == pytest.approx(numbers, rel=1e-6, abs=1e-6)
        told = said(model.form, answer.numbers)["prediction"]
        assert told == pytest.approx(prediction(model, numbers), rel=1e-6)
    assert np.ptp(expected, axis=0).min() > 0.01


def prediction(model: ServingModel, numbers: Answers) -> float | str:
    """What is to be told of scikit-learn's answer."""
    classes = model.manifest.classes
    if not classes:
        return float(numbers[0])
    is_binary = numbers.size == 1
    place = int(numbers[0] >= THRESHOLD) if is_binary else int(numbers.argmax())
    return classes[place].value
