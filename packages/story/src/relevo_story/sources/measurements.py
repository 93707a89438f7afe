"""What the services measure about themselves: Prometheus texts as samples."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True)
class Sample:
    """One measured value."""

    name: str
    labels: Mapping[str, str]
    value: float


async def read_samples(client: httpx.AsyncClient, url: str) -> list[Sample]:
    """`GET /metrics` of a service.

    Raises httpx.HTTPError when it is away, ValueError when it says nonsense.
    """
    response = await client.get(f"{url.rstrip('/')}/metrics")
    response.raise_for_status()
    return [
        Sample(sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    ]
