"""What the stages noted down, from the catalog."""

from collections.abc import Iterable

from relevo_storage.catalog import Catalog, Stage, StageResult


async def read_results(catalog: Catalog, datasets: Iterable[str]) -> list[StageResult]:
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
