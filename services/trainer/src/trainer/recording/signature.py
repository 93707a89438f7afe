"""What the registered model takes and answers, as MLflow's signature.

A pod takes a number as text, a word as a number and a column by either of its names; any
type of MLflow's but `any` would refuse some of that before our own reading sees it.
"""

from collections.abc import Iterable, Iterator

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec
from mlflow.types.schema import AnyType
from numpy import dtype

from relevo_contracts import Feature, Target


def signature(features: Iterable[Feature], target: Target) -> ModelSignature:
    """Rows as callers send them in; out a probability per class, or a number."""
    columns: list[ColSpec | TensorSpec] = []
    for feature in features:
        columns += _columns(feature)
    shape = (-1, len(target.classes)) if target.classes else (-1,)
    outputs = Schema([TensorSpec(dtype("float64"), shape)])
    return ModelSignature(inputs=Schema(columns), outputs=outputs)


def _columns(feature: Feature) -> Iterator[ColSpec]:
    """The feature's names; of two names, a row has one."""
    names = dict.fromkeys((feature.name, feature.raw_name))
    for name in names:
        required = feature.required and len(names) == 1
        yield ColSpec(AnyType(), name, required)  # type: ignore[no-untyped-call]
