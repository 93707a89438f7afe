# cython: boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The loops that would be slow in Python; `nodes.read_tables` has checked what they read."""

from libc.math cimport NAN, isnan
from libc.stdint cimport int32_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, qsort

import numpy as np

cdef extern from *:
    int __builtin_ctzll(uint64_t) nogil

cdef enum:
    MOST_LEAVES = 64   # of a small tree: its leaves are the bits of a word
    NUMBERS = 0        # which of an input's lists: its tests of a number, sorted,
    MISSING = 1        # what strikes when it is not-a-number,
    CATEGORIES = 2     # and from here on, what strikes for each category
    MOST_STRIKES = 1 << 23  # 200 MB; a table that would need more of them is walked
    NO_TREE = -1

cdef uint64_t ALL = ~(<uint64_t> 0)
cdef object UNKNOWN = object()
cdef tuple CODED = (str, int, float, bool)


cdef struct Node:
    double value
    int32_t feature
    int32_t left
    int32_t right
    int32_t missing
    int32_t categories
    int32_t words


cdef struct Tree:
    int32_t root
    int32_t first_leaf
    bint is_small


cdef struct Strike:
    double above       # strikes a number that is above
    uint64_t kept      # the leaves of the tree that remain
    int32_t tree
    int32_t node


cdef int by_number(const void* one, const void* other) noexcept nogil:
    cdef double left = (<const Strike*> one).above, right = (<const Strike*> other).above
    return (left > right) - (left < right)


cdef class Forest:
    """Adds up the leaves that rows reach, in the order of the trees.

    Walking a tree means guessing at each node, and the processor guesses wrong half of the
    time. So a small tree is not walked (QuickScorer, Lucchese et al. 2015): each test that
    sends a row to the right strikes out the leaves on its left, in whatever order, and the
    first leaf that remains is the row's. The tests of an input stand in lists, of which a
    value touches only those that strike.
    """

    cdef const Node[::1] nodes
    cdef const uint32_t[::1] words
    cdef const int32_t[::1] output_of
    cdef const double[:, ::1] vectors
    cdef Py_ssize_t inputs, outputs, trees, tests, leaves_planted
    cdef bint has_vectors
    cdef Tree* tree
    cdef double* leaves
    cdef Strike* strikes
    cdef int32_t* first_list    # per input
    cdef int32_t* categories    # per input: its tests list none from this one on
    cdef int32_t* starts        # per list, in `strikes`
    cdef int32_t* last_tree     # per list, while the strikes are sorted into them
    cdef double* row            # for one row, as are the next two
    cdef uint64_t* remaining
    cdef double* vector

    def __cinit__(self, tables):
        cdef const int32_t[::1] roots = tables.roots
        cdef Py_ssize_t inputs = tables.inputs
        self.nodes, self.words = tables.nodes, tables.words
        self.output_of, self.vectors = tables.output_of, tables.vectors
        self.inputs, self.outputs, self.trees = inputs, tables.outputs, roots.shape[0]
        self.has_vectors = self.vectors.shape[0] > 0
        cdef Py_ssize_t size = max(1, self.nodes.shape[0])
        cdef Strike* tests = <Strike*> malloc(size * sizeof(Strike))
        self.tree = <Tree*> malloc(max(1, self.trees) * sizeof(Tree))
        self.leaves = <double*> malloc(size * sizeof(double))
        self.first_list = <int32_t*> calloc(inputs + 1, sizeof(int32_t))
        self.categories = <int32_t*> calloc(inputs + 1, sizeof(int32_t))
        self.row = <double*> malloc((inputs + 1) * sizeof(double))
        self.remaining = <uint64_t*> malloc(max(1, self.trees) * sizeof(uint64_t))
        self.vector = <double*> malloc(self.outputs * sizeof(double))
        try:
            if not (tests and self.tree and self.leaves and self.first_list):
                raise MemoryError
            if not (self.categories and self.row and self.remaining and self.vector):
                raise MemoryError
            for i in range(self.trees):
                self.plant(i, roots[i], tests)
            if self.strikes_at_most(tests) > MOST_STRIKES:
                self.tests = 0
                for i in range(self.trees):
                    self.tree[i].is_small = False
            self.list_strikes(tests)
        finally:
            free(tests)

    def __dealloc__(self):
        free(self.tree)
        free(self.leaves)
        free(self.strikes)
        free(self.first_list)
        free(self.categories)
        free(self.starts)
        free(self.last_tree)
        free(self.row)
        free(self.remaining)
        free(self.vector)

    cdef void plant(self, int32_t number, int32_t root, Strike* tests) noexcept:
        """Lay out a tree's leaves from left to right, if it is small, and its tests."""
        cdef Tree* tree = &self.tree[number]
        cdef Py_ssize_t tests_before = self.tests
        tree.root = root
        tree.first_leaf = self.leaves_planted
        tree.is_small = self.unfold(number, root, tests, tests_before) != 0
        if not tree.is_small:
            self.tests, self.leaves_planted = tests_before, tree.first_leaf

    cdef uint64_t unfold(
        self, int32_t number, int32_t place, Strike* tests, Py_ssize_t tests_before
    ) noexcept:
        """The bits of the leaves under a node; 0 when the tree is not small."""
        cdef const Node* node = &self.nodes[place]
        cdef Py_ssize_t leaf = self.leaves_planted - self.tree[number].first_leaf
        cdef Strike* test = &tests[self.tests]
        cdef uint64_t left, right
        if node.feature < 0:
            if leaf == MOST_LEAVES or self.leaves_planted == self.nodes.shape[0]:
                return 0
            self.leaves[self.leaves_planted] = node.value
            self.leaves_planted += 1
            return (<uint64_t> 1) << leaf
        if self.tests - tests_before == MOST_LEAVES or self.tests == self.nodes.shape[0]:
            return 0
        if node.missing != node.left and node.missing != node.right:
            return 0
        self.tests += 1
        left = self.unfold(number, node.left, tests, tests_before)
        right = self.unfold(number, node.right, tests, tests_before) if left else 0
        test.above, test.kept, test.tree, test.node = node.value, ~left, number, place
        return left | right if right else 0

    cdef Py_ssize_t strikes_at_most(self, const Strike* tests) noexcept:
        """More strikes, and more lists, than that will not be needed."""
        cdef Py_ssize_t i, widest = 0
        for i in range(self.tests):
            widest = max(widest, 32 * <Py_ssize_t> self.nodes[tests[i].node].words)
        return (self.tests + self.inputs) * (widest + CATEGORIES + 1)

    cdef int list_strikes(self, const Strike* tests) except -1:
        """Sort the tests into the lists of their inputs."""
        cdef Py_ssize_t i, lists = 0, total = 0
        cdef const Node* node
        for i in range(self.tests):
            node = &self.nodes[tests[i].node]
            self.categories[node.feature] = max(
                self.categories[node.feature], 32 * node.words
            )
        for i in range(self.inputs):
            self.first_list[i] = lists
            lists += CATEGORIES + self.categories[i] + 1
        self.starts = <int32_t*> calloc(lists + 1, sizeof(int32_t))
        self.last_tree = <int32_t*> malloc((lists + 1) * sizeof(int32_t))
        if not (self.starts and self.last_tree):
            raise MemoryError
        for i in range(lists + 1):
            self.last_tree[i] = NO_TREE
        for i in range(self.tests):
            self.enter(&tests[i], True)
        for i in range(lists + 1):
            total += self.starts[i]
            self.starts[i] = total
            self.last_tree[i] = NO_TREE
        self.strikes = <Strike*> malloc(max(1, total) * sizeof(Strike))
        if not self.strikes:
            raise MemoryError
        for i in range(self.tests):
            self.enter(&tests[i], False)
        for i in range(self.inputs):
            lists = self.first_list[i] + NUMBERS
            qsort(
                &self.strikes[self.starts[lists]],
                self.starts[lists + 1] - self.starts[lists],
                sizeof(Strike),
                by_number,
            )
        return 0

    cdef void enter(self, const Strike* test, bint is_counted) noexcept:
        """Count a test for each list that it belongs to, or put it there, from the end."""
        cdef const Node* node = &self.nodes[test.node]
        cdef int32_t lists = self.first_list[node.feature]
        cdef int32_t category
        if node.missing == node.right:
            self.put(test, lists + MISSING, is_counted)
        if not node.words:
            self.last_tree[lists + NUMBERS] = NO_TREE  # each strikes at a number of its own
            self.put(test, lists + NUMBERS, is_counted)
            return
        # the last stands for every number that no test of the input lists
        for category in range(self.categories[node.feature] + 1):
            if not self.is_listed(category, node):
                self.put(test, lists + CATEGORIES + category, is_counted)

    cdef inline void put(self, const Strike* test, int32_t where, bint is_counted) noexcept:
        # a tree's tests come one after the other: those that strike together become one
        cdef bint is_joined = self.last_tree[where] == test.tree
        self.last_tree[where] = test.tree
        if is_counted:
            self.starts[where] += not is_joined
        elif is_joined:
            self.strikes[self.starts[where]].kept &= test.kept
        else:
            self.starts[where] -= 1
            self.strikes[self.starts[where]] = test[0]

    def one(self, row):
        """The sum of one row; None is not-a-number. It holds the GIL: so short it is."""
        self.take(row)
        return self.sum(self.row, self.remaining)

    def one_vector(self, row):
        """A sum per output, of one row; see `one`."""
        cdef Py_ssize_t i
        self.take(row)
        for i in range(self.outputs):
            self.vector[i] = 0
        self.add(self.row, self.remaining, self.vector)
        return [self.vector[i] for i in range(self.outputs)]

    def many(self, const double[:, ::1] matrix):
        """(rows × inputs) -> sums, (rows,); without the GIL."""
        self.check_width(matrix)
        sums = np.zeros(matrix.shape[0])
        cdef double[::1] out = sums
        cdef uint64_t[::1] remaining = np.empty(self.trees, np.uint64)
        cdef Py_ssize_t i
        with nogil:
            for i in range(matrix.shape[0]):
                out[i] = self.sum(&matrix[i, 0], &remaining[0])
        return sums

    def many_vectors(self, const double[:, ::1] matrix):
        """(rows × inputs) -> sums, (rows × outputs); without the GIL."""
        self.check_width(matrix)
        sums = np.zeros((matrix.shape[0], self.outputs))
        cdef double[:, ::1] out = sums
        cdef uint64_t[::1] remaining = np.empty(self.trees, np.uint64)
        cdef Py_ssize_t i
        with nogil:
            for i in range(matrix.shape[0]):
                self.add(&matrix[i, 0], &remaining[0], &out[i, 0])
        return sums

    cdef inline int take(self, row) except -1:
        """A row's numbers; None is not-a-number."""
        cdef Py_ssize_t i = 0
        if len(row) != self.inputs:
            raise ValueError(f"{len(row)} numbers, not {self.inputs}")
        for x in row:
            self.row[i] = NAN if x is None else x
            i += 1
        return 0

    cdef int check_width(self, const double[:, ::1] matrix) except -1:
        if matrix.shape[1] != self.inputs:
            raise ValueError(f"{matrix.shape[1]} columns, not {self.inputs}")
        return 0

    cdef double sum(self, const double* row, uint64_t* remaining) noexcept nogil:
        cdef double total = 0
        cdef Py_ssize_t i
        self.strike(row, remaining)
        for i in range(self.trees):
            total += self.leaf(i, row, remaining)
        return total

    cdef void add(
        self, const double* row, uint64_t* remaining, double* sums
    ) noexcept nogil:
        """Add what a row's leaves say of each output."""
        cdef Py_ssize_t i, output
        cdef double leaf
        cdef const double* vector
        self.strike(row, remaining)
        for i in range(self.trees):
            leaf = self.leaf(i, row, remaining)
            if self.has_vectors:
                vector = &self.vectors[<Py_ssize_t> leaf, 0]
                for output in range(self.outputs):
                    sums[output] += vector[output]
            else:
                sums[self.output_of[i]] += leaf

    cdef inline void strike(self, const double* row, uint64_t* remaining) noexcept nogil:
        """Which leaves of the small trees remain for a row."""
        cdef Py_ssize_t i, which
        cdef int32_t where
        cdef const Strike* each
        cdef double x
        for i in range(self.trees):
            remaining[i] = ALL
        for which in range(self.inputs):
            x = row[which]
            where = self.first_list[which]
            if isnan(x):
                where += MISSING
            else:
                for i in range(self.starts[where + NUMBERS], self.starts[where + MISSING]):
                    each = &self.strikes[i]
                    if not x > each.above:
                        break
                    remaining[each.tree] &= each.kept
                where += CATEGORIES
                where += <int32_t> x if 0 <= x < self.categories[which] else self.categories[which]
            for i in range(self.starts[where], self.starts[where + 1]):
                each = &self.strikes[i]
                remaining[each.tree] &= each.kept

    cdef inline double leaf(
        self, Py_ssize_t number, const double* row, const uint64_t* remaining
    ) noexcept nogil:
        """The leaf of a tree that a row reaches, which `strike` has seen."""
        cdef const Tree* tree = &self.tree[number]
        if tree.is_small:
            return self.leaves[tree.first_leaf + __builtin_ctzll(remaining[number])]
        return self.walk(tree.root, row)

    cdef inline double walk(self, int32_t root, const double* row) noexcept nogil:
        """The leaf where the walk of a row through a tree ends."""
        cdef const Node* node = &self.nodes[root]
        cdef double x
        cdef bint is_left
        while node.feature >= 0:
            x = row[node.feature]
            if isnan(x):
                node = &self.nodes[node.missing]
                continue
            is_left = self.is_listed(x, node) if node.words else x <= node.value
            node = &self.nodes[node.left if is_left else node.right]
        return node.value

    cdef inline bint is_listed(self, double x, const Node* node) noexcept nogil:
        """True for a category in the node's set of bits."""
        cdef uint32_t category
        if not 0 <= x < 32.0 * node.words:
            return False
        category = <uint32_t> x
        return self.words[node.categories + (category >> 5)] >> (category & 31) & 1


def numbers(tuple values, list places, list tables):
    """The numbers of the values at the places; None: a table does not have one."""
    cdef Py_ssize_t i
    cdef list row = []
    for i in range(len(places)):
        value = values[<Py_ssize_t> places[i]]
        table = tables[i]
        if table is not None:
            value = (<dict> table).get(value, UNKNOWN)
            if value is UNKNOWN:
                return None
        row.append(value)
    return row


def codes_of(list column, absent):
    """See `columns.slow_codes_of`."""
    cdef Py_ssize_t i, size = len(column)
    cdef dict places = {}
    cdef object kind = None
    codes = np.empty(size, np.intp)
    cdef Py_ssize_t[::1] out = codes
    for i in range(size):
        value = column[i]
        if value is not None and value is not absent and type(value) is not kind:
            if kind is not None or type(value) not in CODED:
                return None
            kind = type(value)
        place = places.get(value)
        if place is None:
            place = places[value] = len(places)
        out[i] = place
    return list(places), codes


def cells(list rows, str name, absent):
    """See `columns.slow_cells`."""
    cdef list column = []
    for row in rows:
        column.append((<dict> row).get(name, absent))
    return column
