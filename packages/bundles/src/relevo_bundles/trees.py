"""A tree ensemble answers: by our C where it could be built, else by numpy."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from relevo_bundles import links
from relevo_bundles.encoding import Matrix, Row
from relevo_bundles.nodes import LEAF, WORD_BITS, Nodes, Tables, read_tables
from relevo_contracts.manifest import Trees

__all__ = ["Forest", "NumpyForest", "TreeEnsemble"]


class Walker(Protocol):
    """Walks all trees and adds the leaves up, in the order of the trees.

    In a row, None is not-a-number. `one` and `many` are of trees with one output.
    """

    def one(self, row: Row) -> float:
        """The sum of one row."""

    def many(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> sums, (rows,)."""

    def one_vector(self, row: Row) -> Sequence[float]:
        """A sum per output, of one row."""

    def many_vectors(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> sums, (rows × outputs)."""


class TreeEnsemble:
    """The answers of a forest or of boosted trees."""

    def __init__(self, trees: Trees, files: Mapping[str, bytes], *, inputs: int) -> None:
        """Raises PoisonError when the files are not such trees of `inputs` inputs."""
        tables = read_tables(trees, files, inputs=inputs)
        self._walker: Walker = Forest(tables)
        self._outputs = trees.outputs
        self._base, self._bases = trees.base[0], np.array(trees.base)
        self._divisors = _divisors(trees, tables)
        self._divisor = float(self._divisors[0])
        self._link = trees.link
        self._is_logistic = trees.link == "logistic"

    def number(self, row: Row) -> float:
        """The answer to one row of inputs, of a model with one output."""
        result = self._walker.one(row) / self._divisor + self._base
        return links.logistic(result) if self._is_logistic else result

    def numbers(self, row: Row) -> Sequence[float]:
        """The answer to one row of inputs, a number per output."""
        if self._outputs == 1:
            return [self.number(row)]
        sums = self._walker.one_vector(row) / self._divisors + self._bases
        return links.answer_of(self._link, sums.tolist())

    def answers(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows × outputs)."""
        if self._outputs == 1:
            sums = self._walker.many(matrix)[:, np.newaxis]
        else:
            sums = self._walker.many_vectors(matrix)
        return links.answers_of(self._link, sums / self._divisors + self._bases)


def _divisors(trees: Trees, tables: Tables) -> Matrix:
    """What the sum of each output is divided by: the number of trees that add to it."""
    if not trees.averaged:
        return np.ones(trees.outputs)
    if len(tables.vectors):
        return np.full(trees.outputs, float(len(trees.roots)))
    counts = np.bincount(tables.output_of, minlength=trees.outputs)
    return np.maximum(counts, 1).astype(np.float64)


class NumpyForest:
    """A walker without C: all trees and some rows walk side by side, a level at a time."""

    ABREAST = 100_000
    """So many walks at once: their numbers stay in the processor's cache."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._words = tables.words if len(tables.words) else np.zeros(1, np.uint32)
        self._rows = max(1, self.ABREAST // len(tables.roots))

    def one(self, row: Row) -> float:
        return float(self.many(np.array([row], np.float64))[0])

    def many(self, matrix: Matrix) -> Matrix:
        sums = [leaves.sum(axis=0) for leaves in self._leaves(matrix)]
        return np.concatenate([np.zeros(0), *sums])

    def one_vector(self, row: Row) -> Sequence[float]:
        vector: list[float] = self.many_vectors(np.array([row], np.float64))[0].tolist()
        return vector

    def many_vectors(self, matrix: Matrix) -> Matrix:
        sums = [self._vectors(leaves) for leaves in self._leaves(matrix)]
        return np.concatenate([np.zeros((0, self._tables.outputs)), *sums])

    def _vectors(self, leaves: Matrix) -> Matrix:
        """(trees × rows) -> (rows × outputs)."""
        tables = self._tables
        if len(tables.vectors):
            return np.asarray(tables.vectors[leaves.astype(np.intp)].sum(axis=0))
        sums = np.zeros((leaves.shape[1], tables.outputs))
        for output in range(tables.outputs):
            sums[:, output] = leaves[tables.output_of == output].sum(axis=0)
        return sums

    def _leaves(self, matrix: Matrix) -> Iterator[Matrix]:
        """The values of the leaves that some rows reach, (trees × rows), part by part."""
        if matrix.shape[1] != self._tables.inputs:
            raise ValueError(f"{matrix.shape[1]} columns, not {self._tables.inputs}")
        for start in range(0, len(matrix), self._rows):
            yield self._walk(matrix[start : start + self._rows])

    def _walk(self, matrix: Matrix) -> Matrix:
        rows = np.arange(len(matrix))
        at = np.repeat(self._tables.roots[:, None], len(matrix), axis=1)
        while True:
            node = self._tables.nodes[at]
            is_inner = node["feature"] != LEAF
            if not is_inner.any():
                return np.asarray(node["value"])
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
