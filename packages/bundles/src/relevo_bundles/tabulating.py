"""The trees that treelite imports from a library become the table that a bundle carries."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from relevo_bundles.nodes import (
    CATEGORIES_FILE,
    COVER_FILE,
    LEAF,
    LEAVES_FILE,
    NODE,
    NODES_FILE,
    WORD_BITS,
    Nodes,
)
from relevo_contracts.manifest import Link, Trees

Model = Any
"""A treelite.Model: the library has no types, and only who trains needs it."""

NUMERICAL, CATEGORICAL = 1, 2
LESS_OR_EQUAL = 3
"""treelite's numbers of what it calls so."""

LINKS: dict[str, Link] = {
    "sigmoid": "logistic",
    "identity": "identity",
    "identity_multiclass": "identity",
    "softmax": "softmax",
}


def tabulate(
    model: Model, *, missing: float | None = None, single_precision: bool = False
) -> tuple[Trees, dict[str, bytes]]:
    """The trees of a classifier or a regression, and the bundle's files with their nodes.

    missing: what not-a-number is replaced by before the trees see it.
    single_precision: numbers are rounded to 32 bits first, as scikit-learn's forests do.
    Both go into the nodes, so that who walks them need not know.
    Raises ValueError for trees of a kind that a bundle cannot say.
    """
    header = model.get_header_accessor()
    link = _link(header)
    width = int(header.get_field("leaf_vector_shape")[1])
    # a leaf with a number for each of two classes is one with that of class 1
    outputs = 1 if width == 2 else int(header.get_field("num_class")[0])
    accessors = [model.get_tree_accessor(number) for number in range(model.num_tree)]
    sizes = [len(tree.get_field("node_type")) for tree in accessors]
    roots = [0, *np.cumsum(sizes[:-1]).tolist()]
    words: list[int] = []
    places = zip(accessors, roots, strict=True)
    nodes = np.concatenate([_nodes(tree, root, words, missing) for tree, root in places])
    if single_precision:
        _round_thresholds(nodes)
    files = {
        CATEGORIES_FILE: np.array(words, "<u4").tobytes(),
        COVER_FILE: np.concatenate([_cover(tree) for tree in accessors]).tobytes(),
    }
    if width > 2:
        files[LEAVES_FILE] = _number_leaves(nodes, accessors, width).tobytes()
    has_class = outputs > 1 and width == 1
    trees = Trees(
        roots=tuple(roots),
        outputs=outputs,
        output_of=tuple(header.get_field("class_id").tolist()) if has_class else None,
        averaged=bool(header.get_field("average_tree_output")[0]),
        base=tuple(header.get_field("base_scores")[-outputs:].tolist()),
        link=link,
    )
    return trees, {NODES_FILE: nodes.tobytes(), **files}


def _link(header: Any) -> Link:
    postprocessor = header.get_field("postprocessor")
    if postprocessor not in LINKS or header.get_field("sigmoid_alpha")[0] != 1:
        raise ValueError(f"a bundle cannot say what {postprocessor!r} makes of the sum")
    if (targets := int(header.get_field("num_target")[0])) != 1:
        raise ValueError(f"a bundle cannot say {targets} targets at once")
    return LINKS[postprocessor]


def _nodes(tree: Any, start: int, words: list[int], missing: float | None) -> Nodes:
    """The nodes of one tree, which begin at `start`; their categories go into `words`."""
    kind = tree.get_field("node_type")
    if (tree.get_field("cmp")[kind == NUMERICAL] != LESS_OR_EQUAL).any():
        raise ValueError("a bundle cannot say another comparison than <=")
    nodes = np.zeros(len(kind), NODE)
    is_leaf = (kind != NUMERICAL) & (kind != CATEGORICAL)
    nodes["feature"] = np.where(is_leaf, LEAF, tree.get_field("split_index"))
    nodes["value"] = np.where(is_leaf, _leaves(tree), tree.get_field("threshold"))
    left, right = (tree.get_field(child) + start for child in ("cleft", "cright"))
    # in a bundle the categories of a node go left
    swapped = tree.get_field("category_list_right_child") == 1
    nodes["left"] = np.where(swapped, right, left)
    nodes["right"] = np.where(swapped, left, right)
    nodes["missing"] = np.where(tree.get_field("default_left"), left, right)
    _add_categories(tree, np.flatnonzero(kind == CATEGORICAL), nodes, words)
    if missing is not None:
        if (kind == CATEGORICAL).any():
            raise ValueError("a bundle cannot say a missing category by a number")
        goes_left = missing <= nodes["value"]
        nodes["missing"] = np.where(goes_left, nodes["left"], nodes["right"])
    return nodes


def _round_thresholds(nodes: Nodes) -> None:
    is_split = (nodes["feature"] != LEAF) & (nodes["words"] == 0)
    nodes["value"] = np.where(is_split, rounding(nodes["value"]), nodes["value"])


def _leaves(tree: Any) -> NDArray[np.float64]:
    """Per node its leaf's number: the last one where it has several."""
    vectors = tree.get_field("leaf_vector")
    if not len(vectors):
        return np.asarray(tree.get_field("leaf_value"))
    ends = tree.get_field("leaf_vector_end").astype(np.intp)
    return np.asarray(vectors[np.maximum(ends - 1, 0)])


def _number_leaves(nodes: Nodes, trees: list[Any], width: int) -> NDArray[np.float64]:
    """The different vectors of all leaves, whose values become the rows of these."""
    vectors = np.concatenate([tree.get_field("leaf_vector") for tree in trees])
    rows, start = [], 0
    for tree in trees:
        rows.append(start + tree.get_field("leaf_vector_begin").astype(np.intp) // width)
        start += len(tree.get_field("leaf_vector")) // width
    different, row = np.unique(vectors.reshape(-1, width), axis=0, return_inverse=True)
    is_leaf = nodes["feature"] == LEAF
    nodes["value"][is_leaf] = row[np.concatenate(rows)[is_leaf]]
    return different


def _cover(tree: Any) -> NDArray[np.float64]:
    """Per node the train rows that passed it, each as often as its tree drew it."""
    weights = tree.get_field("sum_hess")  # of scikit-learn's forests; of boosting none
    counts = weights if len(weights) else tree.get_field("data_count")
    return np.asarray(counts, np.float64)


def _add_categories(
    tree: Any, places: NDArray[np.intp], nodes: Nodes, words: list[int]
) -> None:
    categories = tree.get_field("category_list")
    begin = tree.get_field("category_list_begin")
    end = tree.get_field("category_list_end")
    for place in places:
        bits = sum(1 << int(each) for each in categories[begin[place] : end[place]])
        # one word at least: a node without any is one that compares
        count = max(1, -(-bits.bit_length() // WORD_BITS))
        nodes["categories"][place], nodes["words"][place] = len(words), count
        words += [bits >> (WORD_BITS * n) & 0xFFFF_FFFF for n in range(count)]


def rounding(thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Such that x <= new says what float32(x) <= old says, of any float64 x.

    The new one is the largest number that is rounded to an old one or to less.
    """
    below = thresholds.astype(np.float32)
    below = np.where(below > thresholds, np.nextafter(below, np.float32(-np.inf)), below)
    above = np.nextafter(below, np.float32(np.inf))
    middle = (below.astype(np.float64) + above.astype(np.float64)) / 2
    # a number half way is rounded to the even one of both
    is_down = middle.astype(np.float32) == below
    return np.where(is_down, middle, np.nextafter(middle, -np.inf))
