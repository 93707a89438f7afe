"""The tasks: what is to be known of each; nothing else in the trainer tells them apart.

A task is a module of this room: `binary`, `multiclass`, `regression`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from relevo_contracts import PoisonError, Target, Task
from relevo_contracts.manifest import Interval
from trainer.judging import binary, multiclass, regression
from trainer.judging.comparison import Answers, Comparison, Numbers, Outcomes
from trainer.judging.rule import Confusion, Rule

FEWEST = 2
"""Train rows of a class: of a single one nothing can be said twice."""


class TaskMeaning(Protocol):
    """A task; outcomes and answers have the shapes that `comparison` gives them."""

    @property
    def FIGURE(self) -> str:
        """The leading figure: candidates are chosen by it, higher is better."""

    def ask(self, estimator: Any, rows: object, /) -> Answers:
        """The answers of a fitted estimator of scikit-learn's kind."""

    def is_enough(self, y: Outcomes, /) -> bool:
        """True for rows that can be judged."""

    def losses(self, y: Outcomes, answers: Answers, /) -> Numbers:
        """Per row, how far the answer is from what came: verdicts rest on it."""

    def leading(self, y: Outcomes, answers: Answers, /) -> Interval:
        """The leading figure of rows that are enough."""

    def figures(self, y: Outcomes, answers: Answers, /) -> dict[str, Interval]:
        """All figures, the leading one first."""

    def against_chance(
        self, train: Outcomes, y: Outcomes, answers: Answers, /
    ) -> Comparison:
        """A first model against who knows no row, but has seen the train rows."""

    def rule(self, y: Outcomes, answers: Answers, /) -> Rule:
        """By which the answers are told, chosen on these rows."""

    def confusion(self, y: Outcomes, answers: Answers, rule: Rule, /) -> Confusion | None:
        """The classes counted, where there are any."""

    def rates(self, y: Outcomes, answers: Answers, rule: Rule, /) -> dict[str, float]:
        """What people ask of answers that were told by the rule."""

    def said_and_came(self, y: Outcomes, answers: Answers, /) -> tuple[Numbers, Numbers]:
        """Two numbers per row that are equal on average where answers are calibrated."""

    def shares(self, y: Outcomes, answers: Answers, /) -> tuple[Numbers, Numbers]:
        """Per class, if there are any, the share that came, and the mean answer."""

    def promise(self, target: Target, /) -> str:
        """What a model answers, in words."""

    def decision(self, target: Target, rule: Rule, /) -> str:
        """How an answer is told by the rule, in words."""


TASKS: Mapping[Task, TaskMeaning] = MappingProxyType(
    {"binary": binary, "multiclass": multiclass, "regression": regression}
)


def check(target: Target, split: str, y: Outcomes, *, is_learned: bool) -> None:
    """Let rows pass from which the target can be learned (`is_learned`), or judged.

    Raises PoisonError that says what they lack.
    """
    for place, each in enumerate(target.classes if is_learned else ()):
        if (rows := int(np.count_nonzero(y == place))) < FEWEST:
            raise PoisonError(
                f"{rows} of {y.size} {split} rows are {each.label!r}: of each class of"
                f" {target.name!r} at least {FEWEST} are needed"
            )
    if not TASKS[target.task].is_enough(y):
        values = len(np.unique(y))
        raise PoisonError(
            f"the {y.size} {split} rows have {values} different values of"
            f" {target.name!r}, or too few rows of each: a {target.task} model cannot be"
            " judged by them"
        )
