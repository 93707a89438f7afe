"""How far the consumer groups are behind, as the lag-watcher measures it."""

from collections import defaultdict

import httpx

from relevo_contracts.metric_names import LAG_RECORDS, LAG_SECONDS
from relevo_story.sources.measurements import Sample, read_samples
from relevo_story.telling.facts import Lag, Lags


async def read_lags(client: httpx.AsyncClient, url: str) -> Lags:
    """Per group and topic: the sum over its partitions, and its oldest waiting record.

    Raises httpx.HTTPError when the watcher is away, ValueError when it says nonsense.
    """
    return to_lags(await read_samples(client, url))


def to_lags(samples: list[Sample]) -> Lags:
    """The samples that are about lag, put together."""
    records: dict[tuple[str, ...], int] = defaultdict(int)
    seconds: dict[tuple[str, ...], float] = {}
    for sample in samples:
        key = tuple(sample.labels.get(each, "") for each in ("group", "topic", "dataset"))
        if sample.name == LAG_RECORDS:
            records[key] += int(sample.value)
        elif sample.name == LAG_SECONDS:
            seconds[key] = max(seconds.get(key, 0.0), sample.value)
    return Lags(
        tuple(
            Lag(group, topic, count, seconds.get((group, topic, dataset)), dataset or None)
            for (group, topic, dataset), count in sorted(records.items())
        )
    )
