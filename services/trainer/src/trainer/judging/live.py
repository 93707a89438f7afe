"""The champion on rows that just came: how good it is in life, and if the rows are odd.

A batch with wrong labels makes a model that is promoted by the test rows of the same batch,
and is learned from for ever. The champion sees it: it was right until now.
"""

from dataclasses import dataclass

from relevo_contracts import Target
from relevo_contracts.manifest import Interval
from relevo_contracts.statistics import FIGURES
from relevo_datasets.dataset import Holding
from trainer.judging.comparison import Answers, Outcomes
from trainer.judging.evaluation import calibration
from trainer.judging.intervals import Z_95
from trainer.judging.tasks import TASKS

FEW = 2
"""Classes whose shares are compared one by one."""


@dataclass(frozen=True)
class Live:
    """What is known of a version by the newest rows, before anything learned from them.

    figures: all of the task's. loss: what verdicts rest on, per row. ece: by how much the
    said probability is off, on average (0 where numbers are said). came, said: the share
    of each class, and the mean answer. test: the leading figure on its own test rows.
    limits: from when on rows are odd.
    """

    target: Target
    version: str
    rows: int
    figures: dict[str, Interval]
    loss: float
    ece: float
    came: tuple[float, ...]
    said: tuple[float, ...]
    test: Interval | None
    limits: Holding

    @property
    def leading(self) -> Interval:
        """The task's leading figure."""
        return self.figures[TASKS[self.target.task].FIGURE]

    @property
    def z(self) -> float | None:
        """By how many standard errors, the drift among them, the figure is above `test`."""
        if self.test is None:
            return None
        errors = (_error(self.leading), _error(self.test), self.limits.drift)
        noise = sum(each**2 for each in errors) ** 0.5
        return (self.leading.value - self.test.value) / noise if noise > 0 else 0.0

    @property
    def furthest(self) -> int | None:
        """The place of the class whose share is furthest from the mean answer, by noise.

        Two classes are as far: it is class 1, which people mean.
        """
        places = range(len(self.came))
        return max(places, key=lambda p: (round(self.beyond_noise(p), 6), p), default=None)

    def beyond_noise(self, place: int) -> float:
        """By how many standard errors of that many rows share and mean answer differ."""
        came, said = self.came[place], self.said[place]
        middle = (came + said) / 2
        noise = (middle * (1 - middle) / self.rows) ** 0.5
        return abs(came - said) / noise if noise > 0 else 0.0

    def apart(self, place: int) -> float:
        """By which factor they differ, from 1 on."""
        fewer, more = sorted((self.came[place], self.said[place]))
        return more / fewer if fewer > 0 else float("inf") if more > 0 else 1.0


def look(
    target: Target,
    version: str,
    y: Outcomes,
    answers: Answers,
    *,
    test: Interval | None,
    limits: Holding,
) -> Live | None:
    """What the answers say about the rows; None for rows that cannot be judged."""
    task = TASKS[target.task]
    if not task.is_enough(y):
        return None
    came, said = task.shares(y, answers)
    bins = calibration(*task.said_and_came(y, answers)) if came.size else ()
    return Live(
        target=target,
        version=version,
        rows=y.size,
        figures=task.figures(y, answers),
        loss=float(task.losses(y, answers).mean()),
        ece=sum(each.rows * abs(each.said - each.came) for each in bins) / y.size,
        came=tuple(came.tolist()),
        said=tuple(said.tolist()),
        test=test,
        limits=limits,
    )


def oddity(live: Live) -> str | None:
    """Why nothing should learn from the rows before a person has looked, in words."""
    found = (_of_shares(live), _of_score(live))
    return "; ".join(filter(None, found)) or None


def _of_shares(live: Live) -> str | None:
    """Shares far from the mean answers: by a factor, and beyond the noise of few rows.

    Of several classes it is counted how many rows are of others than was said: of a rare
    one even an honest champion says too much or too little by a factor.
    """
    who = f"champion v{live.version}"
    if len(live.came) > FEW:
        moved = sum(abs(c - s) for c, s in zip(live.came, live.said, strict=True)) / 2
        if moved <= live.limits.moved + (len(live.came) / live.rows) ** 0.5:
            return None
        return f"{moved:.0%} of the rows are of other classes than {who} says on average"
    for place in reversed(range(len(live.came))):  # class 1 is what people mean
        is_far = live.apart(place) > live.limits.rate
        if is_far and live.beyond_noise(place) > live.limits.score:
            label = live.target.classes[place].label
            return (
                f"{live.came[place]:.1%} of the rows are “{label}”, where {who} says"
                f" {live.said[place]:.1%} on average (more than {live.limits.rate:g} times"
                " apart)"
            )
    return None


def _of_score(live: Live) -> str | None:
    """A figure below that of the test rows, by more than noise and drift."""
    z = live.z
    if live.test is None or z is None or z >= -live.limits.score:
        return None
    name = FIGURES[TASKS[live.target.task].FIGURE]
    return (
        f"champion v{live.version} has {name} {live.leading.value:.4f} on it, and"
        f" {live.test.value:.4f} on its test rows (z {z:.1f})"
    )


def _error(interval: Interval) -> float:
    return (interval.high - interval.low) / (2 * Z_95)
