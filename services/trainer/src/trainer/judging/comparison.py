"""A model against another one on the same rows: by how much its answers are nearer.

Per row, u is by how much the other's loss is larger. Rows count as independent, although
some are of one group: on diabetes130 the error of a paired difference grows by less than
1 % when patients are counted as clusters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

Numbers = NDArray[np.float64]
"""A number per row, (rows,)."""

Outcomes = NDArray[np.int8 | np.float64]
"""What came, (rows,): the place of a row's class as int8, or its number as float64."""

Answers = NDArray[np.float64]
"""What a model said, (rows × outputs), as a bundle says it: two classes have one output,
the probability of class 1; several have one each; a number has itself."""


@dataclass(frozen=True)
class Comparison:
    """Two models on the same rows; `rival` says who the other one is.

    figure: the task's leading one in words, of which `value` is the model's and `other`
    the rival's. difference: what the verdict rests on, more is better for the model;
    z: the same in standard errors; p: how likely one as large is without any (one-sided).
    """

    rival: str
    figure: str
    value: float
    other: float
    difference: float
    standard_error: float

    @property
    def z(self) -> float:
        if self.standard_error > 0:
            return self.difference / self.standard_error
        return 0.0 if self.difference == 0 else float(np.copysign(np.inf, self.difference))

    @property
    def p(self) -> float:
        return float(norm.sf(self.z))


def paired(losses: Numbers, others: Numbers) -> tuple[float, float]:
    """The mean of u, the other's loss less one's own, and its standard error."""
    u = others - losses
    return float(u.mean()), float(u.std(ddof=1) / u.size**0.5)
