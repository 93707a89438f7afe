"""What the trainer is doing right now, as its metrics tell."""

import httpx

from relevo.sources.measurements import Sample, read_samples
from relevo.story.facts import Progress

STAGE = "relevo_trainer_stage"


async def read_progress(client: httpx.AsyncClient, url: str) -> Progress:
    """Which batch is at which stage; without a batch the trainer rests.

    Raises httpx.HTTPError when the trainer is away, ValueError when it says nonsense.
    """
    return to_progress(await read_samples(client, url))


def to_progress(samples: list[Sample]) -> Progress:
    """The stage that is marked by 1."""
    for sample in samples:
        if sample.name == STAGE and sample.value == 1:
            return Progress(sample.labels.get("batch_id"), sample.labels.get("stage", ""))
    return Progress(None, "")
