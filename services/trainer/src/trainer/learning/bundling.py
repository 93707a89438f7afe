"""A fitted candidate becomes a serving bundle, and the bundle is proven to be the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import JsonValue
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from relevo_bundles import Bundle, write
from relevo_contracts import Feature, Manifest, Target
from relevo_contracts.manifest import Golden, Interval, Lineage, Reference
from relevo_datasets import Dataset
from relevo_datasets.derived import inputs_of
from relevo_features import kind_of
from trainer.judging.comparison import Answers
from trainer.learning.encoding import Encoding
from trainer.learning.serving import Estimator, Serve

GOLDEN_ROWS = 32
FEWEST_GOLDEN_ROWS = 2
"""Per output: one with the least of it, and one with the most."""
TOLERANCE = 1e-6


class InexactBundleError(Exception):
    """The bundle does not answer as the pipeline that it was made of: a bug."""


@dataclass(frozen=True)
class Description:
    """What a manifest says beside dataset and model; `reference` is per feature."""

    model: str
    target: Target
    algorithm: str
    threshold: float | None
    residuals: tuple[float, float] | None
    metrics: Mapping[str, Interval]
    reference: Mapping[str, Reference]
    lineage: Lineage


def build_pipeline(
    estimator: Estimator, encoding: Encoding, derived: pd.DataFrame, dataset: Dataset
) -> Pipeline:
    """Rows as callers send them -> answers; all steps are fitted already.

    The dataset's meaning is in it: it works where nobody has the declaration.
    """
    meaning = dataset.meaning.model_dump_json()
    inputs = FunctionTransformer(inputs_of, kw_args={"meaning": meaning})
    encode = encoding.step(derived)
    return Pipeline([("inputs", inputs), ("encode", encode), ("estimator", estimator)])


def build_bundle(
    estimator: Estimator,
    encoding: Encoding,
    dataset: Dataset,
    description: Description,
    *,
    serve: Serve,
    test: pd.DataFrame,
    expected: Answers,
) -> bytes:
    """The bundle of a fitted estimator, in the form that its candidate serves it.

    test: clean rows that nothing was learned from; expected: the pipeline's own answers
    to them. The bundle is asked for all of them, and some become golden.
    Raises InexactBundleError when an answer differs by more than 1e-6; of a number above
    1, by more than that share of it.
    """
    model, files = serve(estimator, encoding)
    target = description.target
    manifest = Manifest(
        model=description.model,
        dataset=dataset.name,
        task=target.task,
        target=target.name,
        classes=target.classes,
        algorithm=description.algorithm,
        threshold=description.threshold,
        residuals=description.residuals,
        features=dataset.features,
        example=dict(dataset.example) if dataset.example else None,
        examples={name: dict(row) for name, row in dataset.examples.items()},
        row_id=dataset.rows.id,
        ignored=dataset.ignored,
        outside=dataset.outside,
        inputs=tuple(column.as_input() for column in encoding.columns),
        estimator=model,
        reference=dict(description.reference),
        metrics=dict(description.metrics),
        golden=golden_rows(test, expected, dataset.features),
        lineage=description.lineage,
    )
    content = write(manifest, files)
    answers = Bundle.read(content).answers(columns_of(test, dataset.features))
    differences = np.abs(answers - expected) / np.maximum(np.abs(expected), 1)
    if not (worst := float(differences.max())) <= TOLERANCE:
        raise InexactBundleError(f"the bundle's answers differ by up to {worst:.3g}")
    return content


def columns_of(
    frame: pd.DataFrame, features: Sequence[Feature]
) -> dict[str, list[JsonValue]]:
    """Clean rows as a bundle takes them: per feature its values, None where missing."""
    return {
        feature.name: [
            None if is_missing else value
            for value, is_missing in zip(
                frame[feature.name].tolist(), frame[feature.name].isna(), strict=True
            )
        ]
        for feature in features
    }


def golden_rows(
    frame: pd.DataFrame, expected: Answers, features: Sequence[Feature]
) -> tuple[Golden, ...]:
    """Rows over the whole range of each output, as a caller would send them."""
    outputs = expected.shape[1]
    each = max(FEWEST_GOLDEN_ROWS, GOLDEN_ROWS // outputs)
    chosen = np.unique(np.linspace(0, len(frame) - 1, each).astype(int))
    ordered = np.argsort(expected, axis=0, kind="stable")[chosen]
    places = list(dict.fromkeys(ordered.T.ravel().tolist()))
    rows = requests_of(frame.iloc[places], features)
    return tuple(
        Golden(row=row, answer=tuple(answer))
        for row, answer in zip(rows, expected[places].tolist(), strict=True)
    )


def requests_of(
    frame: pd.DataFrame, features: Sequence[Feature]
) -> list[dict[str, JsonValue]]:
    """Clean rows as a caller would send them."""
    columns = columns_of(frame, features)
    sent = {f.name: list(map(kind_of(f).as_sent, columns[f.name])) for f in features}
    return [dict(zip(sent, row, strict=True)) for row in zip(*sent.values(), strict=True)]
