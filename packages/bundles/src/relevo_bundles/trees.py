"""A tree ensemble answers: treelite's GTIL on the serialized trees, no pickle."""

import numpy as np
from treelite import Model, TreeliteError, gtil

from relevo_bundles.encoding import Matrix
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Trees


class TreeEnsemble:
    """Probabilities of class 1 by a forest or by boosted trees.

    treelite answers a forest's two classes as (rows, 1, 2) and a boosted, binary model's
    class 1 as (rows, 1, 1); in both the last number of a row is the probability.
    """

    def __init__(self, trees: Trees, content: bytes, *, inputs: int) -> None:
        """Raises PoisonError when the content is not such an ensemble of `inputs` inputs.

        treelite trusts its input: content must come from where it was checked by hash.
        """
        self._missing = trees.missing
        self._single = trees.single_precision
        try:
            self._model = Model.deserialize_bytes(content)
            width = self._model.num_feature
            shape = gtil.predict(self._model, np.zeros((1, width)), nthread=1).shape
        except TreeliteError as error:
            raise PoisonError(f"treelite cannot read {trees.file!r}: {error}") from error
        if width != inputs:
            raise PoisonError(f"the trees take {width} inputs, the manifest has {inputs}")
        if shape not in {(1, 1, 1), (1, 1, 2)}:
            raise PoisonError(f"the trees answer {shape[1:]} numbers, not one probability")

    def probabilities(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows,)."""
        if self._single:
            matrix = matrix.astype(np.float32).astype(np.float64)
        if self._missing is not None:
            matrix = np.where(np.isnan(matrix), self._missing, matrix)
        answer = gtil.predict(self._model, matrix, nthread=1)
        return np.asarray(answer[:, 0, -1], dtype=np.float64)
