"""A tree ensemble answers: by our C where it could be built, else by numpy."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from relevo_bundles import logistic
from relevo_bundles.encoding import Matrix, Row
from relevo_bundles.nodes import LEAF, WORD_BITS, Nodes, Roots, Words, read_nodes
from relevo_contracts.manifest import Trees

__all__ = ["Forest", "NumpyForest", "TreeEnsemble"]


class Walker(Protocol):
    """Walks all trees and adds the leaves up, in the order of the trees."""

    def one(self, row: Row) -> float:
        """The sum of one row; None is not-a-number."""

    def many(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> sums, (rows,)."""


class TreeEnsemble:
    """Probabilities of class 1 by a forest or by boosted trees."""

    def __init__(self, trees: Trees, files: Mapping[str, bytes], *, inputs: int) -> None:
        """Raises PoisonError when the files are not such trees of `inputs` inputs."""
        nodes, words, roots = read_nodes(files, trees.roots, inputs=inputs)
        self._walker: Walker = Forest(nodes, words, roots, inputs)
        self._base = trees.base
        self._divisor = len(roots) if trees.averaged else 1
        self._is_logistic = trees.link == "logistic"

    def probability(self, row: Row) -> float:
        """The probability of one row of inputs; None is not-a-number."""
        result = self._walker.one(row) / self._divisor + self._base
        return logistic.probability(result) if self._is_logistic else result

    def probabilities(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows,)."""
        result = self._walker.many(matrix) / self._divisor + self._base
        return logistic.probabilities(result) if self._is_logistic else result


class NumpyForest:
    """A walker without C: all trees and some rows walk side by side, a level at a time."""

    ABREAST = 100_000
    """So many walks at once: their numbers stay in the processor's cache."""

    def __init__(self, nodes: Nodes, words: Words, roots: Roots, inputs: int) -> None:
        self._inputs = inputs
        self._nodes = nodes
        self._words = words if len(words) else np.zeros(1, np.uint32)
        self._roots = roots
        self._rows = max(1, self.ABREAST // len(roots))

    def one(self, row: Row) -> float:
        return float(self.many(np.array([row], np.float64))[0])

    def many(self, matrix: Matrix) -> Matrix:
        if matrix.shape[1] != self._inputs:
            raise ValueError(f"{matrix.shape[1]} columns, not {self._inputs}")
        parts = range(0, len(matrix), self._rows)
        sums = [self._sums(matrix[start : start + self._rows]) for start in parts]
        return np.concatenate([np.zeros(0), *sums])

    def _sums(self, matrix: Matrix) -> Matrix:
        rows = np.arange(len(matrix))
        at = np.repeat(self._roots[:, None], len(matrix), axis=1)
        while True:
            node = self._nodes[at]
            is_inner = node["feature"] != LEAF
            if not is_inner.any():
                return np.asarray(node["value"].sum(axis=0))
            x = matrix[rows, node["feature"]]
            goes_left = np.where(node["words"], self._matches(node, x), x <= node["value"])
            child = np.where(goes_left, node["left"], node["right"])
            child = np.where(np.isnan(x), node["missing"], child)
            at = np.where(is_inner, child, at)

    def _matches(self, node: Nodes, x: Matrix) -> NDArray[np.bool_]:
        """Where the category x is one of the node's."""
        bits = node["words"].astype(np.int64) * WORD_BITS
        is_listed = (x >= 0) & (x < bits)
        category = np.where(is_listed, x, 0).astype(np.int64)
        word = np.where(is_listed, node["categories"] + category // WORD_BITS, 0)
        bit = self._words[word] >> (category % WORD_BITS) & 1
        return np.asarray(is_listed & (bit == 1))


try:
    from relevo_bundles.native import Forest
except ImportError:  # there was no compiler where the package was built
    Forest = NumpyForest  # type: ignore[assignment,misc]
