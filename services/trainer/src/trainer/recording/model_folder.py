"""The files of a registered version: pipeline, bundle, card, picture and figures."""

import json
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import mlflow.sklearn
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from numpy import dtype

from relevo_contracts import Feature
from relevo_datasets import Dataset
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording.card import write_card
from trainer.recording.plots import draw

BUNDLE = "bundle/bundle.zip"
CARD = "model_card.md"
FIGURES = "evaluation/figures.json"
PICTURE = "evaluation/test_rows.png"

SHIPPED_CODE = ("relevo_contracts", "relevo_datasets")
"""What the pipeline's first step imports; it travels with the version."""

LIBRARIES = (
    "lightgbm",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "scikit-learn",
    "scipy",
    "skops",
)

TRUSTED_TYPES = (
    "collections.OrderedDict",
    "functools.partial",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "numpy.dtype",
    "relevo_datasets.derived.derive",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)
"""What skops meets in the four candidates' pipelines beyond the types it knows."""

COLUMN_TYPES = {"integer": "long", "number": "double", "boolean": "boolean"}
"""MLflow's names for kinds of features; all else is a string."""


def fill_folder(
    folder: Path, mlflow_model: Model, assignment: Assignment, trained: Trained
) -> str:
    """Write all files; the model card is answered too."""
    dataset = trained.learning.dataset
    mlflow.sklearn.save_model(
        trained.challenger.pipeline,
        folder,
        mlflow_model=mlflow_model,
        signature=signature(dataset),
        pip_requirements=requirements(),
        code_paths=[str(files(package)) for package in SHIPPED_CODE],
        serialization_format="skops",
        skops_trusted_types=list(TRUSTED_TYPES),
        pyfunc_predict_fn="predict_proba",
    )
    card = write_card(assignment, trained)
    test = trained.learning.y[trained.learning.rows("test")]
    title = f"{assignment.model} · {assignment.batch_id} · {trained.verdict.reason}"
    picture = draw(
        title,
        test,
        trained.challenger.test,
        trained.challenger.evaluation,
        trained.champion_test,
    )
    contents = {
        BUNDLE: trained.challenger.bundle,
        CARD: card.encode(),
        FIGURES: json.dumps(trained.challenger.evaluation.as_dict(), indent=1).encode(),
        PICTURE: picture,
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return card


def signature(dataset: Dataset) -> ModelSignature:
    """Clean features in, the probabilities of class 0 and 1 out."""
    inputs = Schema([_column(feature) for feature in dataset.features])
    outputs = Schema([TensorSpec(dtype("float64"), (-1, 2))])
    return ModelSignature(inputs=inputs, outputs=outputs)


def requirements() -> list[str]:
    """The libraries that loading the pipeline needs, as they are here."""
    return [f"{name}=={metadata.version(name)}" for name in LIBRARIES]


def _column(feature: Feature) -> ColSpec:
    return ColSpec(COLUMN_TYPES.get(feature.kind, "string"), feature.name)
