"""Trees are walked alike by C and by numpy, and tables that lead nowhere are refused."""

import numpy as np
import pytest

from relevo_bundles import logistic
from relevo_bundles.nodes import CATEGORIES_FILE, NODE, NODES_FILE, Nodes, read_nodes
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


def files(nodes: Nodes, words: object = WORDS) -> dict[str, bytes]:
    return {NODES_FILE: nodes.tobytes(), CATEGORIES_FILE: np.array(words, "<u4").tobytes()}


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
    nodes, words, roots = read_nodes(files(table, words), trees, inputs=5)
    odd = [NAN, INFINITE, -INFINITE, -0.0, -0.5, 31.9, 32, 95.5, 96, 2.0**32, 1e300, -1]
    matrix = random.choice([*odd, *range(-4, 100)], (3000, 5))

    by_c = Forest(nodes, words, roots, 5).many(matrix)
    by_numpy = NumpyForest(nodes, words, roots, 5).many(matrix)
    one_by_one = [Forest(nodes, words, roots, 5).one(row) for row in matrix.tolist()]

    assert np.unique(by_c).size > 30
    assert by_c.tolist() == by_numpy.tolist() == one_by_one


@walkers
def test_a_missing_number_and_an_unlisted_category_go_their_own_way(
    walker: Walker,
) -> None:
    nodes, words, roots = read_nodes(
        files(np.concatenate([STUMP, moved(CATEGORIES, 3)])), [0, 3], inputs=2
    )
    forest = walker(nodes, words, roots, 2)

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
    nodes, words, roots = read_nodes(files(wide, every), [0], inputs=2)

    forest = walker(nodes, words, roots, 2)

    assert [forest.one([0, each]) for each in (0, 2**25 - 1, 2**25, None)] == [-1, -1, 2, 2]


@walkers
def test_a_row_of_another_width_is_refused(walker: Walker) -> None:
    forest = walker(*read_nodes(files(STUMP), [0], inputs=1), 1)

    with pytest.raises(ValueError, match="2 columns, not 1"):
        forest.many(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="2"):
        forest.one([1.0, 2.0])
    assert forest.many(np.zeros((0, 1))).shape == (0,)


def test_leaves_are_added_up_or_averaged_and_linked() -> None:
    def answer(**facts: object) -> float:
        trees = Trees.model_validate({"roots": (0, 0, 0), "link": "identity", **facts})
        ensemble = TreeEnsemble(trees, files(STUMP), inputs=1)
        (many,) = ensemble.probabilities(np.array([[0.7]])).tolist()
        assert ensemble.probability([0.7]) == pytest.approx(many, abs=1e-15)
        return float(many)

    assert answer() == 6
    assert answer(averaged=True) == 2
    assert answer(averaged=True, base=0.5) == 2.5
    assert answer(link="logistic", base=-6) == 0.5


def test_steep_log_odds_are_no_overflow() -> None:
    assert logistic.probability(-800.0) == logistic.probability(-INFINITE) == 0.0
    assert logistic.probability(800.0) == 1.0


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
        read_nodes(files(nodes), [0], inputs=1)


def test_tables_that_lack_are_cut_or_have_no_such_root_are_refused() -> None:
    whole = files(STUMP)
    for name in whole:
        with pytest.raises(PoisonError, match=f"the bundle has no '{name}'"):
            read_nodes({n: whole[n] for n in whole if n != name}, [0], inputs=1)
        with pytest.raises(PoisonError, match="cut"):
            read_nodes(whole | {name: whole[name][:-1]}, [0], inputs=1)
    for root in (-1, 3, 2**40):
        with pytest.raises(PoisonError, match="a root is none of the 3 nodes"):
            read_nodes(whole, [root], inputs=1)


def test_random_bytes_are_refused_or_walked_but_never_harm() -> None:
    random = np.random.default_rng(11)
    refused = 0
    for _ in range(2000):
        content = bytearray(STUMP.tobytes())
        for at in random.integers(8, len(content), 2):
            content[at] = random.integers(0, 4)
        try:
            tables = read_nodes(
                {NODES_FILE: bytes(content), CATEGORIES_FILE: WORDS.tobytes()},
                [0],
                inputs=1,
            )
        except PoisonError:
            refused += 1
        else:
            assert Forest(*tables, 1).one([0.0]) == NumpyForest(*tables, 1).one([0.0])
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
