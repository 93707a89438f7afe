"""The model that all servers answer with: a candidate learned from shipped batches."""

import json
from pathlib import Path

import mlflow.sklearn

from benchmarks.learning import DATASET, OUR_SALT, assignment_of, read_batches, split
from relevo_datasets.splitting import TEST
from trainer.learning.bundling import requests_of
from trainer.learning.candidates import candidates_for
from trainer.learning.challenger import make_challenger
from trainer.learning.learning_set import assemble
from trainer.learning.stages import Stages
from trainer.learning.trials import try_all
from trainer.recording.model_folder import TRUSTED_TYPES
from trainer.recording.signature import signature

BUNDLE, FOLDER, REQUESTS = "bundle.zip", "mlflow", "requests.json"
"""The pod's model; MLflow's; rows as callers send them to both."""
ROWS = 1000


def make_model(folder: Path, algorithm: str, *, batches: int) -> None:
    """Learn, and write the model in both forms with the rows that nothing saw."""
    tables = split(read_batches(batches), OUR_SALT)
    learning, stages = assemble(tables), Stages(lambda _: None)
    candidates = candidates_for(DATASET, learning.target.task)
    chosen = [each for each in candidates if each.algorithm == algorithm]
    (trial,) = try_all(chosen, learning, 2, stages)
    challenger = make_challenger(
        trial, assignment_of(tables), learning, run_id="0" * 32, stages=stages
    )
    (folder / BUNDLE).write_bytes(challenger.bundle)
    mlflow.sklearn.save_model(
        challenger.pipeline,
        folder / FOLDER,
        signature=signature(DATASET.features, learning.target),
        pip_requirements=[],
        serialization_format="skops",
        skops_trusted_types=list(TRUSTED_TYPES),
        pyfunc_predict_fn="predict_proba",
    )
    test = learning.frame.iloc[learning.rows(TEST)[:ROWS]]
    # with the fields of the public example
    shown = [DATASET.feature(name) for name in DATASET.example or {}]
    (folder / REQUESTS).write_text(json.dumps(requests_of(test, shown)))
