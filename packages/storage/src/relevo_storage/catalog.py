"""The ports through which is remembered what stages, promotions and people did."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from relevo_contracts.actions import Action
from relevo_contracts.results import Decision, Promotion, Stage, StageResult


class Leases(Protocol):
    """Who works on what just now; OutageError as in Catalog."""

    def lease(self, batch_id: str, stage: Stage) -> AbstractAsyncContextManager[int]:
        """Nobody else works on the stage of the batch while the block runs.

        Gives how many processes in a row have died inside of such a block. However the
        block is left, it was no death, and counting starts anew. Raises OutageError, which
        names who works on it, when it is taken. A lease that is lost, because the catalog
        was away for long or somebody else has it, cancels the block and raises OutageError.
        """


class Catalog(Leases, Protocol):
    """Who did what with which result; every adapter raises OutageError while it is away."""

    async def record(self, result: StageResult) -> StageResult:
        """Keep the first result of (batch, stage) and answer the one that stands.

        It takes the place of one that was asked for again, which stays readable.
        """

    async def ask_again(self, batch_id: str, stages: Sequence[Stage]) -> None:
        """Have these stages make their results for a batch once more.

        Those that are there stand until then, for all who read them.
        """

    async def revision(self, batch_id: str, stage: Stage) -> int:
        """Which result of (batch, stage) it is that is to be made, or stands: from 1 on."""

    async def earlier_tries(self, batch_id: str, stage: Stage) -> list[StageResult]:
        """The results whose place later tries have taken, oldest first."""

    async def record_again(
        self, result: StageResult, *, instead_of: StageResult
    ) -> StageResult:
        """Put a later try in the place of a refused result; answers the one that stands.

        What was refused is kept among the earlier tries, and the later one waits to be
        announced. Another result than that refused one stays as it is.
        """

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        """The result of a stage for a batch; None where it is (again) to be made."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""

    async def unannounced(self, dataset: str, stage: Stage) -> list[StageResult]:
        """Results with an announcement that `mark_announced` was not told of yet."""

    async def mark_announced(self, batch_id: str, stage: Stage) -> None:
        """The broker has acknowledged the result's announcement, once more."""

    async def unanswered(
        self, dataset: str, stage: Stage, *, by: Stage, first: float, longest: float
    ) -> list[StageResult]:
        """Accepted results that the stage `by` has no result for, by the batch's number.

        Those only whose last announcement is long enough ago: `first` seconds, twice as
        long with each further announcement, `longest` at most.
        """


class PromotionHistory(Protocol):
    """Which version relieved which, in order; OutageError as in Catalog."""

    async def record_promotion(self, promotion: Promotion) -> Promotion:
        """Keep the promotion under the next number of its model; answer what stands.

        A number that it has already is kept where it is higher than that. A second record
        of the same event changes nothing. Raises OutageError when somebody else took the
        number at the same moment: the world is another one now.
        """

    async def last_promotions(self) -> list[Promotion]:
        """Each model's last promotion, by the models' names."""

    async def promotions(self, model: str | None = None) -> list[Promotion]:
        """The model's promotions, or those of all models, oldest first."""


class Decisions(Protocol):
    """What people decided about learning from batches; OutageError as in Catalog."""

    async def decide(self, decision: Decision) -> None:
        """Keep the decision in place of an earlier one about the batch.

        The training of a released batch is asked for again if it was held. Both happen, or
        neither.
        """

    async def decisions(self, dataset: str) -> dict[str, Decision]:
        """The last decision about each batch of the dataset, by the batch's id."""


class ActionHistory(Protocol):
    """What people did, in order; OutageError as in Catalog."""

    async def record_action(self, action: Action) -> None:
        """Keep the action; a second record of the same id says what came of it.

        Who, when, what and to what stay as they were recorded first.
        """

    async def actions(
        self, *, subject: str | None = None, limit: int = 1000
    ) -> list[Action]:
        """The newest `limit` actions, or those on a subject, oldest first."""
