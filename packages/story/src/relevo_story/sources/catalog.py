"""What the stages noted down, from the catalog."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from relevo_contracts.actions import Action
from relevo_contracts.results import Stage, StageResult


class Results(Protocol):
    """What the story needs of the catalog."""

    async def results(self, dataset: str, stage: Stage) -> list[StageResult]:
        """All results of a stage for a dataset; raises OutageError while it is away."""

    async def actions(self, *, limit: int = 1000) -> list[Action]:
        """The newest `limit` actions of people, oldest first; OutageError as above."""


OpenResults = Callable[[str], AbstractAsyncContextManager[Results]]
"""Opens the catalog at a URL; raises OutageError while it is away."""


async def read_results(catalog: Results, datasets: Iterable[str]) -> list[StageResult]:
    """All results of the datasets, in the order in which they were finished.

    Raises OutageError while the catalog is away.
    """
    found = [
        result
        for dataset in datasets
        for stage in Stage
        for result in await catalog.results(dataset, stage)
    ]
    return sorted(found, key=lambda result: result.finished_at)
