"""A bundle is read: bytes become a model that answers."""

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import numpy as np

from relevo_bundles.archive import MANIFEST, unpack
from relevo_bundles.encoding import Columns, Encoder, Matrix, Row
from relevo_bundles.linear import LinearModel
from relevo_bundles.manifests import read_manifest
from relevo_bundles.trees import TreeEnsemble
from relevo_contracts import Manifest
from relevo_contracts.manifest import Linear


class Evaluator(Protocol):
    """What computes a model's answer.

    Its numbers are probabilities: of class 1 (binary) or of each class (multiclass); or
    the predicted value (regression).
    """

    def number(self, row: Row) -> float:
        """The answer to one row of inputs, of a model with one output."""

    def numbers(self, row: Row) -> Sequence[float]:
        """The answer to one row of inputs, a number per output."""

    def answers(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows × outputs)."""


class Bundle:
    """A model with all that is needed to answer; immutable, safe among threads."""

    def __init__(self, manifest: Manifest, evaluator: Evaluator) -> None:
        self.manifest = manifest
        self.outputs = manifest.estimator.outputs
        self.encoder = Encoder(manifest.inputs)
        self._evaluator = evaluator

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The model in a bundle's bytes.

        Raises PoisonError that says what is wrong when they are not a whole bundle.
        """
        files = unpack(content)
        manifest = read_manifest(files[MANIFEST])
        return cls(manifest, evaluator_of(manifest, files))

    def encode(self, columns: Columns) -> Matrix:
        """The model's matrix, rows × inputs; see `Encoder.encode`."""
        return self.encoder.encode(columns)

    def number(self, row: Row) -> float:
        """The answer to one row that the encoder made, of a model with one output."""
        return self._evaluator.number(row)

    def numbers(self, row: Row) -> Sequence[float]:
        """The answer to one row that the encoder made, a number per output."""
        return self._evaluator.numbers(row)

    def answers(self, columns: Columns) -> Matrix:
        """The answers, (rows × outputs)."""
        return self._evaluator.answers(self.encode(columns))

    def worst_golden_difference(self) -> float:
        """The largest |our number - the trainer's| over the golden rows and the outputs.

        Of a number above 1, as a share of it. Infinite when one of ours is no number.
        """
        golden = self.manifest.golden
        columns = {name: [each.row[name] for each in golden] for name in golden[0].row}
        theirs = np.array([each.answer for each in golden])
        differences = np.abs(self.answers(columns) - theirs)
        worst = float((differences / np.maximum(np.abs(theirs), 1)).max())
        return worst if worst == worst else float("inf")


def evaluator_of(manifest: Manifest, files: Mapping[str, bytes]) -> Evaluator:
    """What computes the answers. Raises PoisonError when the files are not its own."""
    estimator = manifest.estimator
    if isinstance(estimator, Linear):
        return LinearModel(estimator, manifest.inputs)
    return TreeEnsemble(estimator, files, inputs=len(manifest.inputs))
