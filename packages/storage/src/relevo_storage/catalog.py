"""The port through which services remember which stage did what with each batch."""

from typing import Protocol

from relevo_contracts.results import Promotion, Stage, StageResult


class Catalog(Protocol):
    """Who did what with which result; every adapter raises OutageError while it is away."""

    async def record(self, result: StageResult) -> StageResult:
        """Keep the first result of (batch, stage) and answer the one that stands."""

    async def find(self, batch_id: str, stage: Stage) -> StageResult | None:
        """The result of a stage for a batch, or None."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset, ordered by the batch's number."""

    async def unannounced(self, dataset: str, stage: Stage) -> list[StageResult]:
        """Results with an announcement that `mark_announced` was not told of yet."""

    async def mark_announced(self, batch_id: str, stage: Stage) -> None:
        """The broker has acknowledged the result's announcement."""


class PromotionHistory(Protocol):
    """Which version relieved which, in order; OutageError as in Catalog."""

    async def record_promotion(self, promotion: Promotion) -> None:
        """Keep the promotion; a second record of the same event changes nothing."""

    async def promotions(self, model: str) -> list[Promotion]:
        """The model's promotions, oldest first."""
