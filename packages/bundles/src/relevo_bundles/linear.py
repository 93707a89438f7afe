"""A linear model answers: a sum of terms per output, and the link."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from relevo_bundles import links
from relevo_bundles.encoding import Matrix, Row
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Input, Linear, LinearTerm, Lookup


class LinearModel:
    """The answers of a regression, in as many numpy calls for fifty terms as for one."""

    def __init__(self, linear: Linear, inputs: tuple[Input, ...]) -> None:
        """Raises PoisonError for a term that fits no input, or lacks a weight."""
        places = {each.name: place for place, each in enumerate(inputs)}
        for term in linear.terms:
            if term.input not in places:
                raise PoisonError(f"a term weighs {term.input!r}, which is no input")
            _check(term, inputs[places[term.input]], linear.outputs)
        numbers = [term for term in linear.terms if term.weights is None]
        codes = [term for term in linear.terms if term.weights is not None]
        self._numbers = _Numbers(numbers, places, linear.outputs)
        self._codes = _Codes(codes, places, linear.outputs)
        self._intercept, self._intercepts = linear.intercept[0], np.array(linear.intercept)
        self._link = linear.link
        self._is_logistic = linear.link == "logistic"

    def number(self, row: Row) -> float:
        """The answer to one row of inputs, of a model with one output."""
        result = self._intercept + self._numbers.sum_of(row) + self._codes.sum_of(row)
        return links.logistic(result) if self._is_logistic else result

    def numbers(self, row: Row) -> Sequence[float]:
        """The answer to one row of inputs, a number per output."""
        if len(self._intercepts) == 1:
            return [self.number(row)]
        answer: list[float] = self.answers(np.array([row], np.float64))[0].tolist()
        return answer

    def answers(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows × outputs)."""
        sums = self._intercepts + self._numbers.sums(matrix) + self._codes.sums(matrix)
        return links.answers_of(self._link, sums)


class _Numbers:
    """The terms that take an input's number; `sum_of` is of the first output."""

    def __init__(
        self, terms: list[LinearTerm], places: dict[str, int], outputs: int
    ) -> None:
        self._terms = [
            (places[t.input], t.fill, t.mean, t.scale, t.weight[0]) for t in terms
        ]
        self._places = [places[term.input] for term in terms]
        self._fill = np.array([term.fill for term in terms])
        self._mean = np.array([term.mean for term in terms])
        self._scale = np.array([term.scale for term in terms])
        self._weight = np.array([term.weight for term in terms]).reshape(-1, outputs)

    def sum_of(self, row: Row) -> float:
        total = 0.0
        for place, fill, mean, scale, weight in self._terms:
            number = row[place]
            if number is None or number != number:
                number = fill
            total += (number - mean) / scale * weight
        return total

    def sums(self, matrix: Matrix) -> Matrix:
        numbers = matrix[:, self._places]
        numbers = np.where(np.isnan(numbers), self._fill, numbers)
        return np.asarray(((numbers - self._mean) / self._scale) @ self._weight)


class _Codes:
    """The terms that take the weights of a code: one table, each term at its offset."""

    def __init__(
        self, terms: list[LinearTerm], places: dict[str, int], outputs: int
    ) -> None:
        # the weights of a missing code stand behind those of the term's codes
        weights = [(*(term.weights or ()), term.absent) for term in terms]
        self._tables: list[tuple[int, dict[float | None, float], float]] = [
            (places[term.input], dict(enumerate(first)), absent)
            for term, own in zip(terms, weights, strict=True)
            for *first, absent in [[row[0] for row in own]]
        ]
        lengths = np.array([len(own) for own in weights], dtype=np.intp)
        self._places = [places[term.input] for term in terms]
        self._absent = lengths - 1
        self._offset = np.cumsum(lengths) - lengths
        self._table = np.array([row for own in weights for row in own]).reshape(-1, outputs)

    def sum_of(self, row: Row) -> float:
        # neither None nor not-a-number is in a table
        return sum([table.get(row[at], absent) for at, table, absent in self._tables])

    def sums(self, matrix: Matrix) -> Matrix:
        codes = matrix[:, self._places]
        own: NDArray[np.intp] = np.where(np.isnan(codes), self._absent, codes).astype(
            np.intp
        )
        return np.asarray(self._table[own + self._offset].sum(axis=1))


def _check(term: LinearTerm, each: Input, outputs: int) -> None:
    rows = (term.weight,) if term.weights is None else (*term.weights, term.absent)
    if any(len(row) != outputs for row in rows):
        raise PoisonError(f"a term of {each.name!r} has not a weight for each output")
    if term.weights is None:
        return
    if not isinstance(each.encoding, Lookup):
        raise PoisonError(f"a term weighs codes of {each.name!r}, which has none")
    weights = len(term.weights)
    codes = {*each.encoding.codes.values(), each.encoding.otherwise, each.encoding.missing}
    if any(code is not None and not 0 <= code < weights for code in codes):
        raise PoisonError(f"a code of {each.name!r} has no weight: there are {weights}")
    if term.shares is not None and len(term.shares) != weights + 1:
        raise PoisonError(f"the shares of {each.name!r} are not those of its codes")
