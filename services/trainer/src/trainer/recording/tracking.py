"""The port through which a job reaches runs and versions, and the champion alias."""

from contextlib import AbstractContextManager
from typing import Protocol

from relevo_contracts.registry_notes import Held
from trainer.judging.champion import Holder
from trainer.judging.live import Live
from trainer.learning.assignment import Assignment
from trainer.learning.training import Trained
from trainer.recording.registered import HeldBatch, Registered


class Tracking(Protocol):
    """Runs, versions and the alias; every method raises OutageError while it is away."""

    def resume(self, assignment: Assignment) -> Registered | None:
        """The version that an earlier attempt at the same run key has registered.

        What attempts without a version have left behind is removed.
        """

    def on_duty(self, model: str) -> Holder | None:
        """The version under the champion alias, with its bundle."""

    def held(self, model: str) -> Held | None:
        """Who holds the model, and why."""

    def run(self, assignment: Assignment) -> AbstractContextManager[str]:
        """A new run, by its id; it is marked as failed when the block raises."""

    def register(
        self,
        assignment: Assignment,
        trained: Trained,
        *,
        run_id: str,
        relieves: str | None,
        seconds: dict[str, float],
    ) -> Registered:
        """Log all that is known, then make the version and its verdict in one step.

        relieves: who was under the alias when the verdict was made. May be called again
        after an OutageError: the answer is one version.
        """

    def hold_batch(
        self,
        assignment: Assignment,
        live: Live,
        reason: str,
        *,
        run_id: str,
        seconds: dict[str, float],
    ) -> HeldBatch:
        """Log why nothing is learned from the newest batch, and end the run."""

    def conclude(self, registered: Registered) -> Registered:
        """Do what the verdict says, and end the run; doing it again changes nothing.

        The alias moves once, and from the version that the verdict was about: who moved it
        meanwhile, or afterwards, had reasons. Of a model that is held by now it does not
        move either: the answer is the version as it was kept.
        """
