"""What the trainer is doing right now, as its metrics tell."""

from datetime import UTC, datetime

import httpx

from relevo_contracts.metric_names import TRAINER_STAGE
from relevo_story.sources.measurements import Sample, read_samples
from relevo_story.telling.facts import Progress


async def read_progress(client: httpx.AsyncClient, url: str) -> Progress:
    """Which batch is at which stage; without any the trainer rests.

    Raises httpx.HTTPError when the trainer is away, ValueError when it says nonsense.
    """
    return to_progress(await read_samples(client, url), datetime.now(UTC))


def to_progress(samples: list[Sample], now: datetime | None = None) -> Progress:
    """The stages that are marked by 1; each dataset's batch may be at one."""
    marked = [each for each in samples if each.name == TRAINER_STAGE and each.value == 1]
    stages = {
        each.labels.get("batch_id", ""): each.labels.get("stage", "") for each in marked
    }
    return Progress(stages, now)
