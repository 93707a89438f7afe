"""The table of a tree ensemble's nodes, and what must hold of it before anyone walks it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from relevo_contracts import PoisonError

NODES_FILE = "nodes.bin"
CATEGORIES_FILE = "categories.bin"
LEAF = -1
WORD_BITS = 32

NODE = np.dtype(
    [
        ("value", "<f8"),
        ("feature", "<i4"),
        ("left", "<i4"),
        ("right", "<i4"),
        ("missing", "<i4"),
        ("categories", "<i4"),
        ("words", "<i4"),
    ]
)
"""As `relevo_contracts.manifest.Trees` says."""

Nodes = NDArray[np.void]
Words = NDArray[np.uint32]
Roots = NDArray[np.int32]


def read_nodes(
    files: Mapping[str, bytes], roots: Sequence[int], *, inputs: int
) -> tuple[Nodes, Words, Roots]:
    """The tables of nodes, words and roots; every walk over them ends at a leaf.

    Raises PoisonError when a file lacks, is cut, or leads a walk out of the tables.
    """
    for name in (NODES_FILE, CATEGORIES_FILE):
        if name not in files:
            raise PoisonError(f"the bundle has no {name!r}")
    try:
        nodes = np.frombuffer(files[NODES_FILE], NODE)
        words = np.frombuffer(files[CATEGORIES_FILE], "<u4")
    except ValueError as error:
        raise PoisonError(f"the tables of the trees are cut: {error}") from error
    _check(nodes, words, inputs)
    if not all(0 <= root < len(nodes) for root in roots):
        raise PoisonError(f"a root is none of the {len(nodes)} nodes")
    return nodes, words, np.array(roots, np.int32)


def _check(nodes: Nodes, words: Words, inputs: int) -> None:
    places = np.arange(len(nodes))
    inner = nodes["feature"] != LEAF
    feature, first, count = nodes["feature"], nodes["categories"], nodes["words"]
    # behind its parent: so there is no way back, and every walk ends
    for child in ("left", "right", "missing"):
        inside = (nodes[child] > places) & (nodes[child] < len(nodes))
        _require(inside | ~inner, f"has a {child} child that is not behind it")
    _require((feature >= LEAF) & (feature < inputs), f"tests none of {inputs} inputs")
    # as 64 bits, where a sum cannot overflow
    end = first.astype(np.int64) + count
    _require((first >= 0) & (count >= 0) & (end <= len(words)), "has no such categories")
    _require(~np.isnan(nodes["value"]), "has a threshold that is not a number")
    _require(np.isfinite(nodes["value"]) | inner, "has an endless leaf")


def _require(holds: NDArray[np.bool_], otherwise: str) -> None:
    if not holds.all():
        raise PoisonError(f"the node {int(np.argmin(holds))} {otherwise}")
