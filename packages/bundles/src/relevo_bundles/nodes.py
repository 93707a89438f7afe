"""The tables of a tree ensemble, and what must hold of them before anyone walks them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from relevo_bundles.encoding import Matrix
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Trees

NODES_FILE = "nodes.bin"
CATEGORIES_FILE = "categories.bin"
LEAVES_FILE = "leaves.bin"
COVER_FILE = "cover.bin"
LEAF = -1
WORD_BITS = 32
ROUNDING = 1e-6
"""So much more cover than their parent two children may have, as a share of it."""

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
Holds = NDArray[np.bool_]


class Tables(NamedTuple):
    """What a walker needs. Every walk over the nodes ends at a leaf.

    output_of: per root, the output that its tree adds to. vectors: leaves × outputs, of
    which a leaf's value is the row; no rows where each tree adds to one output.
    cover: per node how many train rows passed it; None: not known.
    """

    nodes: Nodes
    words: Words
    roots: Roots
    inputs: int
    outputs: int
    output_of: Roots
    vectors: Matrix
    cover: Matrix | None


def read_tables(trees: Trees, files: Mapping[str, bytes], *, inputs: int) -> Tables:
    """The tables in a bundle's files.

    Raises PoisonError when a file lacks, is cut, or leads a walk out of the tables.
    """
    nodes = _read(files, NODES_FILE, NODE)
    words = _read(files, CATEGORIES_FILE, "<u4")
    _check(nodes, words, inputs)
    if not all(0 <= root < len(nodes) for root in trees.roots):
        raise PoisonError(f"a root is none of the {len(nodes)} nodes")
    if len(trees.base) != trees.outputs:
        raise PoisonError(f"the base of {trees.outputs} outputs has {len(trees.base)}")
    has_vectors = trees.outputs > 1 and trees.output_of is None
    return Tables(
        nodes,
        words,
        roots=np.array(trees.roots, np.int32),
        inputs=inputs,
        outputs=trees.outputs,
        output_of=_output_of(trees),
        vectors=_vectors(files, nodes, trees.outputs if has_vectors else 0),
        cover=_cover(files, nodes) if COVER_FILE in files else None,
    )


def _read(files: Mapping[str, bytes], name: str, kind: DTypeLike) -> NDArray[Any]:
    if name not in files:
        raise PoisonError(f"the bundle has no {name!r}")
    try:
        return np.frombuffer(files[name], kind)
    except ValueError as error:
        raise PoisonError(f"{name!r} is cut: {error}") from error


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


def _output_of(trees: Trees) -> Roots:
    output_of = trees.output_of
    if output_of is None:
        return np.zeros(len(trees.roots), np.int32)
    if len(output_of) != len(trees.roots):
        raise PoisonError(
            f"{len(output_of)} outputs are named for {len(trees.roots)} trees"
        )
    if not all(0 <= output < trees.outputs for output in output_of):
        raise PoisonError(f"a tree adds to none of the {trees.outputs} outputs")
    return np.array(output_of, np.int32)


def _vectors(files: Mapping[str, bytes], nodes: Nodes, outputs: int) -> Matrix:
    if not outputs:
        return np.zeros((0, 0))
    numbers = _read(files, LEAVES_FILE, "<f8")
    if len(numbers) % outputs:
        raise PoisonError(f"{LEAVES_FILE!r} is cut: it has {len(numbers)} numbers")
    if not np.isfinite(numbers).all():
        raise PoisonError(f"{LEAVES_FILE!r} has an endless number")
    vectors = numbers.reshape(-1, outputs)
    row = nodes["value"]
    is_row = (row >= 0) & (row < len(vectors)) & (row == np.floor(row))
    _require(is_row | (nodes["feature"] != LEAF), f"is no row of {LEAVES_FILE!r}")
    return vectors


def _cover(files: Mapping[str, bytes], nodes: Nodes) -> Matrix:
    cover = _read(files, COVER_FILE, "<f8")
    if len(cover) != len(nodes):
        raise PoisonError(f"{COVER_FILE!r} has {len(cover)} numbers for {len(nodes)} nodes")
    _require(np.isfinite(cover) & (cover >= 0), "has a cover that is no number of rows")
    inner = np.flatnonzero(nodes["feature"] != LEAF)
    children = cover[nodes["left"][inner]] + cover[nodes["right"][inner]]
    fits = np.ones(len(nodes), np.bool_)
    fits[inner] = (cover[inner] > 0) & (children <= cover[inner] * (1 + ROUNDING))
    _require(fits, "has a smaller cover than its children")
    return cover


def _require(holds: Holds, otherwise: str) -> None:
    if not holds.all():
        raise PoisonError(f"the node {int(np.argmin(holds))} {otherwise}")
