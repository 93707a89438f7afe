"""One batch and how far it has come: the row of the table, and its way in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from relevo_contracts import ModelServed
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_contracts.statistics import CleanStatistics
from relevo_story.telling import figures
from relevo_story.telling.training import Training

State = Literal["waiting", "working", "done", "refused"]
WORKERS = {Stage.RAW: "ingestor", Stage.CLEAN: "cleaner", Stage.TRAINED: "trainer"}


@dataclass
class Step:
    """One stage of a batch. `seconds` is the stage's own work, where it is known."""

    finished_at: datetime | None = None
    seconds: float | None = None
    rows: int | None = None
    refused: str | None = None

    def finish(self, *, at: datetime, rows: int | None) -> None:
        """Note that the stage has ended; what is known already stays."""
        self.finished_at = self.finished_at or at
        self.rows = rows if self.rows is None else self.rows

    def is_before(self, result: StageResult) -> bool:
        """True when the result is of a later try than what is known, or announces one."""
        known = self.finished_at
        return result.again or (known is not None and result.finished_at > known)

    @property
    def state(self) -> State:
        """Waiting until it has finished or was refused."""
        if self.refused is not None:
            return "refused"
        return "done" if self.finished_at else "waiting"


@dataclass
class Batch:
    """What is known of a batch so far.

    `quality` and `training` are what cleaner and trainer noted. `version` is the model
    version that learned last from this batch and was promoted, `served` by which pods,
    since when.
    """

    id: str
    dataset: str
    number: int
    released_at: datetime | None = None
    rows: int | None = None
    raw: Step = field(default_factory=Step)
    clean: Step = field(default_factory=Step)
    trained: Step = field(default_factory=Step)
    quality: CleanStatistics | None = None
    training: Training | None = None
    version: str | None = None
    promoted_at: datetime | None = None
    served: dict[str, ModelServed] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[tuple[Stage, Step], ...]:
        """The stages in the order in which a batch goes through them."""
        return tuple(zip(Stage, (self.raw, self.clean, self.trained), strict=True))

    def begin_again(self, stage: Stage) -> None:
        """What is known of the stage is so no more."""
        setattr(self, stage.value, Step())
        if stage is Stage.TRAINED:
            self.training = None

    @property
    def refusal(self) -> str | None:
        """Who refused the batch and why, or None."""
        for stage, step in self.steps:
            if step.refused is not None:
                return f"refused by the {WORKERS[stage]}: {step.refused}"
        return None

    @property
    def held(self) -> str | None:
        """Why nothing is learned from the batch before a person has looked, or None."""
        if self.training is None or self.training.verdict is not Verdict.HELD:
            return None
        return self.training.reason or "no reason given"

    @property
    def verdict(self) -> Verdict | None:
        """Refused, promoted, kept or held; None while the batch is on its way."""
        if self.refusal:
            return Verdict.REFUSED
        return self.training.verdict if self.training else None

    @property
    def stage(self) -> Stage | None:
        """Where it is worked on or waits; None before its release and after its verdict."""
        if self.refusal or self.released_at is None:
            return None
        return next((stage for stage, step in self.steps if step.state != "done"), None)

    def state(self, stage: str) -> State:
        """As the step itself, but `working` where all that comes before is done."""
        return "working" if stage == self.stage else dict(self.steps)[Stage(stage)].state

    @property
    def answered_after(self) -> float | None:
        """Seconds from the release until the last pod answered by its model."""
        if not self.served or self.released_at is None:
            return None
        last = max(served.served_at for served in self.served.values())
        return (last - self.released_at).total_seconds()

    def way(self) -> str:
        """'released › raw +0.4 s › clean +1.1 s › v2 +8.9 s › pod-1, pod-2 +9.8 s'."""
        stops: list[tuple[str, datetime | None]] = [
            (str(stage), step.finished_at) for stage, step in self.steps if step.finished_at
        ]
        if self.version and self.promoted_at:
            stops.append((f"v{self.version}", self.promoted_at))
        if self.served:
            last = max(served.served_at for served in self.served.values())
            stops.append((_pods(list(self.served)), last))
        told = [name + self._after(time) for name, time in stops]
        return " › ".join((["released"] if self.released_at else []) + told)

    def _after(self, time: datetime | None) -> str:
        if time is None or self.released_at is None:
            return ""
        return f" +{figures.seconds((time - self.released_at).total_seconds())}"


def _pods(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) if len(names) <= 2 else f"{len(names)} pods"
