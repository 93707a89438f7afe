"""The model that all servers answer with: a candidate learned from shipped batches."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow.sklearn
import pandas as pd

from benchmarks.learning import DATASET, OUR_SALT, TARGET, read_batches, split
from relevo_contracts.manifest import Lineage
from relevo_datasets.splitting import TEST, TRAIN
from trainer.learning.bundling import Description, build_bundle, build_pipeline, columns_of
from trainer.learning.candidates import CANDIDATES, limited, probabilities
from trainer.learning.encoding import finer_derivations, learn_encoding
from trainer.learning.learning_set import assemble
from trainer.recording.model_folder import TRUSTED_TYPES, signature

BUNDLE, FOLDER, REQUESTS, RECORDS = "bundle.zip", "mlflow", "requests.json", "records.json"
"""The pod's model; MLflow's; rows as callers send them; clean rows as pandas takes them."""

Row = dict[str, Any]


def make_model(folder: Path, algorithm: str, *, batches: int) -> None:
    """Learn, and write the model in both forms with the rows that nothing saw."""
    learning = assemble(split(read_batches(batches), OUR_SALT))
    (candidate,) = [each for each in CANDIDATES if each.algorithm == algorithm]
    train = learning.rows(TRAIN)
    encoding = learn_encoding(learning.derived.iloc[train], DATASET)
    if not candidate.takes_finer:
        encoding = encoding.without(finer_derivations(DATASET))
    matrix = encoding.matrix(learning.derived)
    with limited(2):
        estimator = candidate.fit(encoding, matrix[train], learning.y[train], threads=2)
    pipeline = build_pipeline(estimator, encoding, learning.derived, DATASET)
    test = learning.frame.iloc[learning.rows(TEST)]
    expected = probabilities(pipeline, test)
    lineage = Lineage(
        run_id="0" * 32,
        batches=tuple(f"diabetes130-{number:04d}" for number in range(1, batches + 1)),
        batch_sha256=("0" * 64,) * batches,
        code_version="benchmark",
        trained_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    description = Description("diabetes130", TARGET, algorithm, 0.2, {}, lineage)
    content = build_bundle(
        estimator, encoding, DATASET, description, test=test, expected=expected
    )
    (folder / BUNDLE).write_bytes(content)
    mlflow.sklearn.save_model(
        pipeline,
        folder / FOLDER,
        signature=signature(DATASET),
        pip_requirements=[],
        serialization_format="skops",
        skops_trusted_types=list(TRUSTED_TYPES),
        pyfunc_predict_fn="predict_proba",
    )
    records = list(rows_of(test.head(1000)))
    (folder / RECORDS).write_text(json.dumps(records))
    (folder / REQUESTS).write_text(json.dumps(list(map(request_of, records))))


def rows_of(frame: pd.DataFrame) -> Iterator[Row]:
    """Clean rows with all features, None where missing."""
    columns = columns_of(frame, DATASET.features)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def request_of(record: Row) -> Row:
    """The same row with the fields of the public example, as a caller sends them."""
    row = {name: record[name] for name in DATASET.example or {}}
    for feature in DATASET.features:
        if feature.kind == "identifier" and row[feature.name] is not None:
            row[feature.name] = int(row[feature.name])
    return row
