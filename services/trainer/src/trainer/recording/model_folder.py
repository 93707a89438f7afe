"""The files of a registered version: pipeline, bundle, card, picture and figures."""

import json
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import mlflow.sklearn
from mlflow.models import Model
from pydantic import JsonValue

from relevo_bundles import Bundle
from relevo_contracts.registry_tags import BUNDLE_PATH
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording.card import write_card
from trainer.recording.plots import draw
from trainer.recording.signature import signature

CARD = "model_card.md"
FIGURES = "evaluation/figures.json"
PICTURE = "evaluation/test_rows.png"

SHIPPED_CODE = ("relevo_contracts", "relevo_features", "relevo_datasets")
"""What the pipeline's first step imports; it travels with the version."""

LIBRARIES = (
    "lightgbm",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic",
    "pydantic-settings",
    "scikit-learn",
    "scipy",
    "skops",
)

TRUSTED_TYPES = (
    "collections.OrderedDict",
    "functools.partial",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "numpy.dtype",
    "relevo_datasets.derived.inputs_of",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)
"""What skops meets in the candidates' pipelines beyond the types it knows."""


def fill_folder(
    folder: Path, mlflow_model: Model, assignment: Assignment, trained: Trained
) -> str:
    """Write all files; the model card is answered too."""
    learning = trained.learning
    mlflow.sklearn.save_model(
        trained.challenger.pipeline,
        folder,
        mlflow_model=mlflow_model,
        signature=signature(learning.dataset.features, learning.target),
        input_example=[_example(trained.challenger.bundle)],
        pip_requirements=requirements(),
        code_paths=[str(files(package)) for package in SHIPPED_CODE],
        serialization_format="skops",
        skops_trusted_types=list(TRUSTED_TYPES),
        pyfunc_predict_fn="predict_proba" if learning.target.classes else "predict",
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
        BUNDLE_PATH: trained.challenger.bundle,
        CARD: card.encode(),
        FIGURES: json.dumps(trained.challenger.evaluation.as_dict(), indent=1).encode(),
        PICTURE: picture,
    }
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return card


def requirements() -> list[str]:
    """The libraries that loading the pipeline needs, as they are here."""
    return [f"{name}=={metadata.version(name)}" for name in LIBRARIES]


def _example(bundle: bytes) -> dict[str, JsonValue]:
    """The row that people see at a pod too."""
    manifest = Bundle.read(bundle).manifest
    return manifest.example or manifest.golden[0].row
