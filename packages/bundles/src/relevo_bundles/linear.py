"""A logistic regression answers: a sum of terms, and the logistic function."""

import numpy as np
from numpy.typing import NDArray

from relevo_bundles import logistic
from relevo_bundles.encoding import Matrix, Row
from relevo_contracts import PoisonError
from relevo_contracts.manifest import Input, Linear, LinearTerm, Lookup


class LogisticRegression:
    """Probabilities of class 1, in as many numpy calls for fifty terms as for one."""

    def __init__(self, linear: Linear, inputs: tuple[Input, ...]) -> None:
        """Raises PoisonError when a term fits no input or a code has no weight."""
        places = {each.name: place for place, each in enumerate(inputs)}
        for term in linear.terms:
            if term.input not in places:
                raise PoisonError(f"a term weighs {term.input!r}, which is no input")
            if term.weights is not None:
                _check_codes(inputs[places[term.input]], len(term.weights))
        self._intercept = linear.intercept
        self._numbers = _Numbers([t for t in linear.terms if t.weights is None], places)
        self._codes = _Codes([t for t in linear.terms if t.weights is not None], places)

    def probability(self, row: Row) -> float:
        """The probability of one row of inputs."""
        log_odds = self._intercept + self._numbers.sum_of(row) + self._codes.sum_of(row)
        return logistic.probability(log_odds)

    def probabilities(self, matrix: Matrix) -> Matrix:
        """(rows × inputs) -> (rows,)."""
        log_odds = self._intercept + self._numbers.sum(matrix) + self._codes.sum(matrix)
        return logistic.probabilities(log_odds)


class _Numbers:
    """The terms that take an input's number."""

    def __init__(self, terms: list[LinearTerm], places: dict[str, int]) -> None:
        self._terms = [(places[t.input], t.fill, t.mean, t.scale, t.weight) for t in terms]
        self._places = [places[term.input] for term in terms]
        self._fill = np.array([term.fill for term in terms])
        self._mean = np.array([term.mean for term in terms])
        self._scale = np.array([term.scale for term in terms])
        self._weight = np.array([term.weight for term in terms])

    def sum_of(self, row: Row) -> float:
        total = 0.0
        for place, fill, mean, scale, weight in self._terms:
            number = row[place]
            if number is None or number != number:
                number = fill
            total += (number - mean) / scale * weight
        return total

    def sum(self, matrix: Matrix) -> Matrix:
        numbers = matrix[:, self._places]
        numbers = np.where(np.isnan(numbers), self._fill, numbers)
        return np.asarray(((numbers - self._mean) / self._scale) @ self._weight)


class _Codes:
    """The terms that take the weight of a code: one table, each term at its offset."""

    def __init__(self, terms: list[LinearTerm], places: dict[str, int]) -> None:
        self._tables: list[tuple[int, dict[float | None, float], float]] = [
            (places[term.input], dict(enumerate(term.weights or ())), term.absent)
            for term in terms
        ]
        # the weight of a missing code stands behind those of the term's codes
        weights = [(*(term.weights or ()), term.absent) for term in terms]
        lengths = np.array([len(each) for each in weights], dtype=np.intp)
        self._places = [places[term.input] for term in terms]
        self._absent = lengths - 1
        self._offset = np.cumsum(lengths) - lengths
        self._table = np.array([weight for each in weights for weight in each])

    def sum_of(self, row: Row) -> float:
        # neither None nor not-a-number is in a table
        return sum([table.get(row[at], absent) for at, table, absent in self._tables])

    def sum(self, matrix: Matrix) -> Matrix:
        codes = matrix[:, self._places]
        own: NDArray[np.intp] = np.where(np.isnan(codes), self._absent, codes).astype(
            np.intp
        )
        return np.asarray(self._table[own + self._offset].sum(axis=1))


def _check_codes(each: Input, weights: int) -> None:
    if not isinstance(each.encoding, Lookup):
        raise PoisonError(f"a term weighs codes of {each.name!r}, which has none")
    codes = {*each.encoding.codes.values(), each.encoding.otherwise, each.encoding.missing}
    if any(code is not None and not 0 <= code < weights for code in codes):
        raise PoisonError(f"a code of {each.name!r} has no weight: there are {weights}")
