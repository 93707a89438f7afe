"""What the data source offers: its released batches and when the next one is due."""

from typing import Any

import httpx

from relevo.story.facts import Released, Schedule
from relevo.story.figures import moment


async def read_source(
    client: httpx.AsyncClient, url: str, dataset: str
) -> list[Released | Schedule]:
    """`GET /batches` as facts.

    Raises httpx.HTTPError when the source is away, ValueError when it says nonsense.
    """
    response = await client.get(f"{url.rstrip('/')}/batches")
    response.raise_for_status()
    return to_facts(response.json(), dataset)


def to_facts(listing: dict[str, Any], dataset: str) -> list[Released | Schedule]:
    """The listing's facts; ValueError for what is no listing."""
    try:
        released = [
            Released(
                batch_id=f"{dataset}-{int(entry['number']):04d}",
                dataset=dataset,
                number=int(entry["number"]),
                rows=entry.get("rows"),
                time=moment(entry["released_at"]),
            )
            for entry in listing["batches"]
        ]
        due = listing.get("next_due")
        schedule = Schedule(
            total=listing.get("total"),
            next_number=len(released) + 1 if due else None,
            next_due=moment(due) if due else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the data source's listing cannot be read: {error!r}") from error
    return [*released, schedule]
