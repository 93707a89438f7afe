"""Trees are walked alike by C and by numpy, and tables that lead nowhere are refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from relevo_bundles.nodes import (
    CATEGORIES_FILE,
    LEAVES_FILE,
    NODE,
    NODES_FILE,
    Nodes,
    Tables,
    read_tables,
)
from relevo_bundles.tabulating import rounding
from relevo_bundles.trees import Forest, NumpyForest, TreeEnsemble
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Trees

NAN, INFINITE = float("nan"), float("inf")
STUMP = np.array(
    [(0.5, 0, 1, 2, 2, 0, 0), (-1.0, -1, 0, 0, 0, 0, 0), (2.0, -1, 0, 0, 0, 0, 0)], NODE
)
"""Input 0 at most 0.5: -1, else, and when missing: 2."""
CATEGORIES = np.array([(0.0, 1, 1, 2, 2, 0, 2), *STUMP[1:].tolist()], NODE)
"""Input 1 one of 3 and 40: -1, else, and when missing: 2."""
WORDS = np.array([1 << 3, 1 << 8], np.uint32)
Walker = type[Forest] | type[NumpyForest]
walkers = pytest.mark.parametrize("walker", [Forest, NumpyForest])


def files(nodes: Nodes, words: object = WORDS, **others: object) -> dict[str, bytes]:
    """others: leaves, cover."""
    return {
        NODES_FILE: nodes.tobytes(),
        CATEGORIES_FILE: np.array(words, "<u4").tobytes(),
        **{f"{name}.bin": np.array(each, "<f8").tobytes() for name, each in others.items()},
    }


def tables(
    files: dict[str, bytes], *, roots: Sequence[int] = (0,), inputs: int = 1, **facts: Any
) -> Tables:
    base = (0.0,) * facts.get("outputs", 1)
    told = {"roots": tuple(roots), "link": "identity", "base": base, **facts}
    trees = Trees.model_validate(told)
    return read_tables(trees, files, inputs=inputs)


def random_trees(random: np.random.Generator, number: int) -> tuple[Nodes, list[int]]:
    """Over five inputs and ten words of categories; of any shape, with shared nodes too."""
    tables: list[Nodes] = []
    roots: list[int] = []
    for _ in range(number):
        size, start = int(random.integers(1, 60)), sum(map(len, tables))
        table = np.zeros(size, NODE)
        table["value"] = random.integers(-3, 4, size)
        table["feature"] = np.where(
            np.arange(size) < size // 2, random.integers(0, 5, size), -1
        )
        table["words"] = random.choice([0, 0, 1, 3], size)
        table["categories"] = random.integers(0, 8, size)
        for place in range(size // 2):
            # next to each other as in a tree, or anywhere behind
            near = min(2 * place + 1, size - 1), min(2 * place + 2, size - 1)
            anywhere = random.integers(place + 1, size, 2)
            left, right = near if random.random() < 0.5 else anywhere.tolist()
            table["left"][place], table["right"][place] = start + left, start + right
            table["missing"][place] = start + random.choice([left, right])
        if random.random() < 0.2:
            table["missing"] = np.where(table["feature"] >= 0, start + size - 1, 0)
        tables.append(table)
        roots.append(start)
    return np.concatenate(tables), roots


def test_c_and_numpy_walk_to_the_same_leaves_whatever_the_numbers() -> None:
    random = np.random.default_rng(7)
    table, trees = random_trees(random, 200)
    words = random.integers(0, 2**32, 10, np.uint32)
    planted = tables(files(table, words), roots=trees, inputs=5)
    matrix = odd_numbers(random)

    by_c = Forest(planted).many(matrix)
    by_numpy = NumpyForest(planted).many(matrix)
    one_by_one = list(map(Forest(planted).one, matrix.tolist()))

    assert np.unique(by_c).size > 30
    assert by_c.tolist() == by_numpy.tolist() == one_by_one


def odd_numbers(random: np.random.Generator) -> NDArray[np.float64]:
    odd = [NAN, INFINITE, -INFINITE, -0.0, -0.5, 31.9, 32, 95.5, 96, 2.0**32, 1e300, -1]
    return random.choice([*odd, *range(-4, 100)], (3000, 5))


def test_several_outputs_are_added_up_alike_by_c_and_by_numpy_and_one_by_one() -> None:
    random = np.random.default_rng(8)
    table, roots = random_trees(random, 60)
    words = random.integers(0, 2**32, 10, np.uint32)
    output_of = random.integers(0, 3, 60).tolist()
    by_tree = tables(
        files(table, words), roots=roots, inputs=5, outputs=4, output_of=output_of
    )
    leaves = random.integers(-9, 10, (7, 4))
    table["value"] = np.where(table["feature"] < 0, table["value"] + 3, table["value"])
    by_leaf = tables(files(table, words, leaves=leaves), roots=roots, inputs=5, outputs=4)
    matrix = odd_numbers(random)

    for planted in (by_tree, by_leaf):
        sums = Forest(planted).many_vectors(matrix)
        assert sums.shape == (3000, 4)
        assert np.unique(sums).size > 30
        assert sums.tolist() == NumpyForest(planted).many_vectors(matrix).tolist()
        for walker in (Forest(planted), NumpyForest(planted)):
            alone = list(map(walker.one_vector, matrix[:100].tolist()))
            assert sums[:100].tolist() == alone

    assert (Forest(by_tree).many_vectors(matrix)[:, 3] == 0).all()
    each = [
        Forest(tables(files(table, words), roots=[root], inputs=5)).many(matrix)
        for root in roots
    ]
    rows = leaves[np.array(each, np.intp)].sum(axis=0)
    assert Forest(by_leaf).many_vectors(matrix).tolist() == rows.tolist()


@walkers
def test_a_missing_number_and_an_unlisted_category_go_their_own_way(
    walker: Walker,
) -> None:
    both = files(np.concatenate([STUMP, moved(CATEGORIES, 3)]))
    forest = walker(tables(both, roots=[0, 3], inputs=2))

    assert forest.one([0.5, 3]) == -2
    assert forest.one([0.6, 40]) == 1
    assert [forest.one([0, each]) for each in (None, NAN, -3, 4, 39, 72, 1e18)] == [1] * 7
    assert forest.one([None, 3]) == 1


def moved(nodes: Nodes, places: int) -> Nodes:
    """The same nodes for places further behind in a table."""
    copied = nodes.copy()
    for child in ("left", "right", "missing"):
        copied[child] += places
    return copied


@walkers
def test_a_category_is_found_among_millions(walker: Walker) -> None:
    every = np.full(2**20, 0xFFFF_FFFF, np.uint32)
    wide = CATEGORIES.copy()
    wide["words"][0] = len(every)

    forest = walker(tables(files(wide, every), inputs=2))

    assert [forest.one([0, each]) for each in (0, 2**25 - 1, 2**25, None)] == [-1, -1, 2, 2]


@walkers
def test_a_row_of_another_width_is_refused(walker: Walker) -> None:
    forest = walker(tables(files(STUMP)))

    for many in (forest.many, forest.many_vectors):
        with pytest.raises(ValueError, match="2 columns, not 1"):
            many(np.zeros((3, 2)))
    for one in (forest.one, forest.one_vector):
        with pytest.raises(ValueError, match="2"):
            one([1.0, 2.0])
    assert forest.many(np.zeros((0, 1))).shape == (0,)
    assert forest.many_vectors(np.zeros((0, 1))).shape == (0, 1)


def answers(bundled: dict[str, bytes], **facts: object) -> list[float]:
    """To the number 0.7, alone and among others."""
    trees = Trees.model_validate({"roots": (0, 0, 0), "link": "identity", **facts})
    ensemble = TreeEnsemble(trees, bundled, inputs=1)
    _, many = ensemble.answers(np.array([[0.0], [0.7]])).tolist()
    assert list(ensemble.numbers([0.7])) == pytest.approx(many, abs=1e-15)
    if trees.outputs == 1:
        assert ensemble.number([0.7]) == pytest.approx(many[0], abs=1e-15)
    return [float(each) for each in many]


def test_leaves_are_added_up_or_averaged_and_linked() -> None:
    stump = files(STUMP)

    assert answers(stump) == [6]
    assert answers(stump, averaged=True) == [2]
    assert answers(stump, averaged=True, base=[0.5]) == [2.5]
    assert answers(stump, link="logistic", base=[-6]) == [0.5]


def test_a_tree_adds_to_the_output_that_is_its_own() -> None:
    stump = files(STUMP)
    facts = {"outputs": 3, "output_of": [0, 2, 0], "base": [0, 1, 2]}

    assert answers(stump, **facts) == [4, 1, 4]
    assert answers(stump, **facts, averaged=True) == [2, 1, 4]
    assert answers(stump, **{**facts, "base": [0, 4, 2]}, link="softmax") == (
        pytest.approx([1 / 3] * 3)
    )


def test_a_leaf_has_a_number_for_each_output() -> None:
    nodes = STUMP.copy()
    nodes["value"][1:] = [1, 0]
    bundled = files(nodes, leaves=[[1, 2], [30, 40]])

    assert answers(bundled, outputs=2, base=[0, 5]) == [3, 11]
    assert answers(bundled, outputs=2, base=[0, 5], averaged=True) == [1, 7]


@pytest.mark.parametrize(
    ("place", "column", "value", "reason"),
    [
        (0, "left", 0, "node 0 has a left child that is not behind it"),
        (0, "right", 3, "node 0 has a right child"),
        (0, "missing", -1, "node 0 has a missing child"),
        (0, "missing", 2**31 - 1, "node 0 has a missing child"),
        (0, "feature", 1, "node 0 tests none of 1 inputs"),
        (0, "feature", -2, "node 0 tests none"),
        (0, "categories", -1, "node 0 has no such categories"),
        (0, "categories", 2**31 - 1, "node 0 has no such categories"),
        (0, "words", 3, "node 0 has no such categories"),
        (2, "words", -1, "node 2 has no such categories"),
        (0, "value", NAN, "node 0 has a threshold that is not a number"),
        (2, "value", INFINITE, "node 2 has an endless leaf"),
    ],
)
def test_a_table_that_leads_a_walk_astray_is_refused(
    place: int, column: str, value: float, reason: str
) -> None:
    nodes = STUMP.copy()
    nodes["words"] = 1
    nodes[column][place] = value

    with pytest.raises(PoisonError, match=reason):
        tables(files(nodes))


def test_tables_that_lack_are_cut_or_have_no_such_root_are_refused() -> None:
    nodes = STUMP.copy()
    nodes["value"][1:] = 0
    whole = files(nodes, leaves=[[1, 2]], cover=[2, 1, 1])
    for name in (NODES_FILE, CATEGORIES_FILE, LEAVES_FILE):
        with pytest.raises(PoisonError, match=f"the bundle has no '{name}'"):
            tables({n: whole[n] for n in whole if n != name}, outputs=2)
    for name in whole:
        with pytest.raises(PoisonError, match=f"'{name}' is cut"):
            tables(whole | {name: whole[name][:-1]}, outputs=2)
    for root in (-1, 3, 2**40):
        with pytest.raises(PoisonError, match="a root is none of the 3 nodes"):
            tables(whole, roots=[root], outputs=2)


@pytest.mark.parametrize(
    ("leaves", "reason"),
    [
        ([[1, 2]], "node 2 is no row of 'leaves.bin'"),
        ([1, 2, 3], "'leaves.bin' is cut: it has 3 numbers"),
        ([], "node 1 is no row of 'leaves.bin'"),
        ([[1, 2], [3, INFINITE]], "'leaves.bin' has an endless number"),
    ],
)
def test_leaves_that_are_no_rows_of_their_table_are_refused(
    leaves: object, reason: str
) -> None:
    nodes = STUMP.copy()
    nodes["value"][1:] = [0, 1]

    with pytest.raises(PoisonError, match=reason):
        tables(files(nodes, leaves=leaves), outputs=2)


@pytest.mark.parametrize("row", [-1, 0.5, 2, 1e300])
def test_a_leaf_that_is_no_place_is_refused(row: float) -> None:
    nodes = STUMP.copy()
    nodes["value"][1:] = [0, row]

    with pytest.raises(PoisonError, match="node 2 is no row"):
        tables(files(nodes, leaves=[[1, 2], [3, 4]]), outputs=2)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"output_of": (0, 2)}, "a tree adds to none of the 2 outputs"),
        ({"output_of": (-1, 0)}, "a tree adds to none of the 2 outputs"),
        ({"output_of": (0,)}, "1 outputs are named for 2 trees"),
        ({"output_of": ()}, "0 outputs are named for 2 trees"),
        ({"output_of": (0, 1), "base": (0,)}, "the base of 2 outputs has 1"),
    ],
)
def test_outputs_that_do_not_fit_the_trees_are_refused(
    facts: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PoisonError, match=reason):
        tables(files(STUMP), roots=[0, 0], outputs=2, **facts)


@pytest.mark.parametrize(
    ("cover", "reason"),
    [
        ([3, 1], "'cover.bin' has 2 numbers for 3 nodes"),
        ([3, 1, NAN], "node 2 has a cover that is no number of rows"),
        ([3, -1, 1], "node 1 has a cover that is no number of rows"),
        ([3, 2, 2], "node 0 has a smaller cover than its children"),
        ([0, 0, 0], "node 0 has a smaller cover than its children"),
    ],
)
def test_a_cover_that_no_rows_could_have_left_is_refused(
    cover: list[float], reason: str
) -> None:
    with pytest.raises(PoisonError, match=reason):
        tables(files(STUMP, cover=cover))


def test_trees_without_a_cover_are_read() -> None:
    assert tables(files(STUMP)).cover is None
    cover = tables(files(STUMP, cover=[3, 1, 2])).cover
    assert cover is not None
    assert cover.tolist() == [3, 1, 2]


def test_random_bytes_are_refused_or_walked_but_never_harm() -> None:
    random = np.random.default_rng(11)
    refused = 0
    for _ in range(2000):
        content = bytearray(STUMP.tobytes())
        for at in random.integers(8, len(content), 2):
            content[at] = random.integers(0, 4)
        try:
            planted = tables({NODES_FILE: bytes(content), CATEGORIES_FILE: WORDS.tobytes()})
        except PoisonError:
            refused += 1
        else:
            assert Forest(planted).one([0.0]) == NumpyForest(planted).one([0.0])
    assert 100 < refused < 1900


def test_a_rounded_threshold_says_what_rounding_the_number_would_say() -> None:
    random = np.random.default_rng(5)
    singles = random.normal(size=500).astype(np.float32)
    half = (singles.astype(np.float64) + np.nextafter(singles, np.float32(9))) / 2
    thresholds = np.concatenate([singles.astype(np.float64), half, random.normal(size=500)])
    near = [thresholds]
    for direction in (-INFINITE, INFINITE):
        near += [np.nextafter(thresholds, direction), np.nextafter(half, direction)[:500]]
    numbers = np.unique(np.concatenate([*near, rounding(thresholds)]))

    for old, new in zip(thresholds, rounding(thresholds), strict=True):
        assert ((numbers <= new) == (numbers.astype(np.float32) <= old)).all()
