"""A bundle is read: bytes become a model that answers."""

from typing import Protocol, Self

import numpy as np
from pydantic import ValidationError

from relevo_bundles.archive import MANIFEST, unpack
from relevo_bundles.encoding import Columns, Encoder, Matrix, Row
from relevo_bundles.linear import LogisticRegression
from relevo_bundles.trees import TreeEnsemble
from relevo_contracts import Manifest, PoisonError
from relevo_contracts.manifest import Linear


class Evaluator(Protocol):
    """What computes a model's answer."""

    def probability(self, row: Row) -> float:
        """The probability of class 1 of one row of inputs."""

    def probabilities(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> probabilities of class 1, (rows,)."""


class Bundle:
    """A model with all that is needed to answer; immutable, safe among threads."""

    def __init__(self, manifest: Manifest, evaluator: Evaluator) -> None:
        self.manifest = manifest
        self._evaluator = evaluator
        self.encoder = Encoder(manifest.inputs)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The model in a bundle's bytes.

        Raises PoisonError that says what is wrong when they are not a whole bundle.
        """
        files = unpack(content)
        manifest = _read_manifest(files[MANIFEST])
        return cls(manifest, _evaluator(manifest, files))

    def encode(self, columns: Columns) -> Matrix:
        """The model's matrix, rows × inputs; see `Encoder.encode`."""
        return self.encoder.encode(columns)

    def probability(self, row: Row) -> float:
        """The probability of class 1 of one row that the encoder made."""
        return self._evaluator.probability(row)

    def probabilities(self, columns: Columns) -> Matrix:
        """The probability of class 1 per row, (rows,)."""
        return self._evaluator.probabilities(self.encode(columns))

    def worst_golden_difference(self) -> float:
        """The largest |our probability - the trainer's| over the golden rows.

        Infinite when one of ours is not a number at all.
        """
        golden = self.manifest.golden
        columns = {name: [each.row[name] for each in golden] for name in golden[0].row}
        theirs = np.array([each.probability for each in golden])
        worst = float(np.abs(self.probabilities(columns) - theirs).max())
        return worst if worst == worst else float("inf")


def _read_manifest(content: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "it"
        raise PoisonError(f"the bundle's manifest: {where}: {first['msg']}") from error
    features = {feature.name for feature in manifest.features}
    if not manifest.inputs:
        raise PoisonError("the bundle's manifest has no inputs")
    for each in manifest.inputs:
        if each.feature not in features:
            raise PoisonError(
                f"the input {each.name!r} is made of {each.feature!r}, which is no feature"
            )
    for golden in manifest.golden:
        if lacking := features - golden.row.keys():
            raise PoisonError(f"a golden row lacks {min(lacking)!r}")
    return manifest


def _evaluator(manifest: Manifest, files: dict[str, bytes]) -> Evaluator:
    estimator = manifest.estimator
    if isinstance(estimator, Linear):
        return LogisticRegression(estimator, manifest.inputs)
    return TreeEnsemble(estimator, files, inputs=len(manifest.inputs))
