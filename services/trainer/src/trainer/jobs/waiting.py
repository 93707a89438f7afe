"""How many batches wait for a person, by a slow timer: people decide elsewhere."""

import asyncio
from collections.abc import Iterable

from relevo_contracts.results import Stage, Verdict
from relevo_runtime.retries import patiently
from trainer.jobs.past import Memory
from trainer.metrics import HELD_BATCHES

SECONDS = 20.0


async def show_held(catalog: Memory, datasets: Iterable[str]) -> None:
    """Raises OutageError while the catalog is away."""
    for dataset in datasets:
        decisions = await catalog.decisions(dataset)
        held = [
            each
            for each in await catalog.results(dataset, Stage.TRAINED)
            if each.verdict is Verdict.HELD and each.batch_id not in decisions
        ]
        HELD_BATCHES.labels(dataset).set(len(held))


async def watch_held(catalog: Memory, datasets: Iterable[str]) -> None:
    """For ever."""
    while True:
        await patiently(lambda: show_held(catalog, datasets), what="the catalog")
        await asyncio.sleep(SECONDS)
