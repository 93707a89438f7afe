# cython: boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""The loops that would be slow in Python; `nodes.read_nodes` has checked what they walk."""

from libc.math cimport isnan, NAN
from libc.stdint cimport int32_t, uint32_t
from libc.stdlib cimport free, malloc

import numpy as np

cdef enum:
    BLOCK = 64


cdef object UNKNOWN = object()


cdef struct Node:
    double value
    int32_t feature
    int32_t left
    int32_t right
    int32_t missing
    int32_t categories
    int32_t words


cdef class Forest:
    """Walks all trees and adds the leaves up, in the order of the trees."""

    cdef const Node[::1] nodes
    cdef const uint32_t[::1] words
    cdef const int32_t[::1] roots
    cdef Py_ssize_t inputs
    cdef double* row

    def __cinit__(self, nodes, words, roots, Py_ssize_t inputs):
        self.nodes, self.words, self.roots = nodes, words, roots
        self.inputs = inputs
        self.row = <double*> malloc(max(1, inputs) * sizeof(double))
        if self.row is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.row)

    def one(self, row):
        """The sum of one row; None is not-a-number. It holds the GIL: so short it is."""
        cdef Py_ssize_t i = 0
        cdef int32_t root
        cdef double total = 0
        if len(row) != self.inputs:
            raise ValueError(f"{len(row)} numbers, not {self.inputs}")
        for x in row:
            self.row[i] = NAN if x is None else x
            i += 1
        for i in range(self.roots.shape[0]):
            total += self.leaf(self.roots[i], self.row)
        return total

    def many(self, const double[:, ::1] matrix):
        """(rows × inputs) -> sums, (rows,); without the GIL."""
        if matrix.shape[1] != self.inputs:
            raise ValueError(f"{matrix.shape[1]} columns, not {self.inputs}")
        sums = np.zeros(matrix.shape[0])
        cdef double[::1] out = sums
        cdef Py_ssize_t rows = matrix.shape[0]
        cdef Py_ssize_t block, tree, row
        with nogil:
            # a tree stays in the cache for a block of rows
            for block in range((rows + BLOCK - 1) // BLOCK):
                for tree in range(self.roots.shape[0]):
                    for row in range(block * BLOCK, min((block + 1) * BLOCK, rows)):
                        out[row] += self.leaf(self.roots[tree], &matrix[row, 0])
        return sums

    cdef inline double leaf(self, int32_t root, const double* row) noexcept nogil:
        """The number of the leaf where the row's walk ends."""
        cdef const Node* node = &self.nodes[root]
        cdef double x
        cdef uint32_t category
        cdef bint goes_left
        while node.feature >= 0:
            x = row[node.feature]
            if isnan(x):
                node = &self.nodes[node.missing]
                continue
            if node.words:
                goes_left = False
                if 0 <= x < 32.0 * node.words:
                    category = <uint32_t> x
                    goes_left = self.words[node.categories + (category >> 5)] >> (category & 31) & 1
            else:
                goes_left = x <= node.value
            node = &self.nodes[node.left if goes_left else node.right]
        return node.value


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
