"""How far the consumer groups are behind, as the lag-watcher measures it."""

from collections import defaultdict

import httpx

from relevo.sources.measurements import Sample, read_samples
from relevo.story.facts import Lag, Lags

RECORDS = "relevo_lag_watcher_lag_records"
SECONDS = "relevo_lag_watcher_lag_seconds"


async def read_lags(client: httpx.AsyncClient, url: str) -> Lags:
    """Per group and topic: the sum over its partitions, and its oldest waiting record.

    Raises httpx.HTTPError when the watcher is away, ValueError when it says nonsense.
    """
    return to_lags(await read_samples(client, url))


def to_lags(samples: list[Sample]) -> Lags:
    """The samples that are about lag, put together."""
    records: dict[tuple[str, str], int] = defaultdict(int)
    seconds: dict[tuple[str, str], float] = {}
    for sample in samples:
        key = (sample.labels.get("group", ""), sample.labels.get("topic", ""))
        if sample.name == RECORDS:
            records[key] += int(sample.value)
        elif sample.name == SECONDS:
            seconds[key] = max(seconds.get(key, 0.0), sample.value)
    return Lags(
        tuple(
            Lag(
                group=group, topic=topic, records=count, seconds=seconds.get((group, topic))
            )
            for (group, topic), count in sorted(records.items())
        )
    )
