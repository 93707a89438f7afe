"""What the services had to mend, and what only a person can, as each of them counts it."""

from collections.abc import Sequence
from contextlib import suppress

import httpx

from relevo_contracts.metric_names import BUNDLE_LOST, HELD_BACK, RECONCILED
from relevo_story.sources.measurements import Sample, read_samples
from relevo_story.telling.facts import Mended


async def read_mended(client: httpx.AsyncClient, urls: Sequence[str]) -> list[Mended]:
    """Of each service that answers, since its start; whether one does is told elsewhere."""
    found = []
    for url in urls:
        with suppress(httpx.HTTPError, ValueError):
            found.append(to_mended(url, await read_samples(client, url)))
    return found


def to_mended(url: str, samples: list[Sample]) -> Mended:
    """The samples that are about that, put together."""
    counts = {
        sample.labels["what"]: int(sample.value)
        for sample in samples
        if sample.name == RECONCILED and sample.value
    }
    return Mended(url, counts, _models(samples, HELD_BACK), _models(samples, BUNDLE_LOST))


def _models(samples: list[Sample], name: str) -> tuple[str, ...]:
    found = (each for each in samples if each.name == name and each.value)
    return tuple(sorted(each.labels["model"] for each in found))
