"""Whether pods and MLflow answer at their addresses."""

from typing import Literal

import httpx

from relevo_contracts.errors import first_line
from relevo_story.telling.facts import Door


async def read_door(
    client: httpx.AsyncClient, what: Literal["pod", "MLflow"], url: str
) -> Door:
    """`GET /health`; that nobody answers is an answer too: it raises nothing."""
    try:
        response = await client.get(f"{url.rstrip('/')}/health")
        response.raise_for_status()
    except httpx.HTTPError as error:
        return Door(what, url, answers=False, reason=first_line(error))
    return Door(what, url, answers=True)
