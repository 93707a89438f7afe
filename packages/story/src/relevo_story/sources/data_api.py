"""What the data source offers: its released batches and when the next one is due."""

from http import HTTPStatus
from typing import Any

import httpx

from relevo_contracts.batches import batch_id
from relevo_story.telling.facts import Released, Schedule
from relevo_story.telling.figures import moment


async def read_source(
    client: httpx.AsyncClient, url: str, dataset: str
) -> list[Released | Schedule]:
    """The dataset's listing as facts; none of one whose batches come from elsewhere.

    Raises httpx.HTTPError when the source is away, ValueError when it says nonsense.
    """
    response = await client.get(f"{url.rstrip('/')}/datasets/{dataset}/batches")
    if response.status_code == HTTPStatus.NOT_FOUND:
        return []  # whether that is a trouble, the ingestor knows and tells
    response.raise_for_status()
    return to_facts(response.json(), dataset)


def to_facts(listing: dict[str, Any], dataset: str) -> list[Released | Schedule]:
    """The listing's facts; ValueError for what is no listing."""
    try:
        released = [
            Released(
                batch_id=batch_id(dataset, int(entry["number"])),
                dataset=dataset,
                number=int(entry["number"]),
                rows=entry.get("rows"),
                time=moment(entry["released_at"]),
            )
            for entry in listing["batches"]
        ]
        due = listing.get("next_due")
        newest = max((each.number for each in released), default=0)
        schedule = Schedule(
            dataset=dataset,
            total=listing.get("total"),
            next_number=newest + 1 if due else None,
            next_due=moment(due) if due else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the data source's listing cannot be read: {error!r}") from error
    return [*released, schedule]
