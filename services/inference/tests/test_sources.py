"""A pod tells of the data source what the ingestor told last, while that is valid."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx
import pytest

from inference.duty.sources import Sources
from relevo_contracts import Envelope, SourceSeen

MINUTE = timedelta(minutes=1)


async def hear(
    sources: Sources,
    status: Literal["available", "unavailable"],
    *,
    source: str = "diabetes130",
    valid_for: timedelta = MINUTE,
    asleep_for: timedelta | None = None,
) -> None:
    now = datetime.now(UTC)
    seen = SourceSeen(
        source=source,
        status=status,
        asleep_until=now + asleep_for if asleep_for else None,
        since=now,
        seen_at=now,
        valid_until=now + valid_for,
    )
    await sources.hear(seen, Envelope.of(seen, source="test", cause="test"), 0)


async def told(client: httpx.AsyncClient) -> str:
    status: str = (await client.get("/health")).json()["source_status"]
    return status


async def test_the_newest_view_of_the_source_is_told(
    client: httpx.AsyncClient, sources: Sources
) -> None:
    told_by_turns = [await told(client)]
    for status in ("available", "unavailable", "available"):
        await hear(sources, status)
        told_by_turns.append(await told(client))

    assert told_by_turns == ["unknown", "available", "unavailable", "available"]


async def test_a_view_that_nobody_has_renewed_is_unknown(
    client: httpx.AsyncClient, sources: Sources
) -> None:
    await hear(sources, "available", valid_for=-MINUTE)

    assert await told(client) == "unknown"


@pytest.mark.parametrize(
    ("other", "status"), [("available", "available"), ("unavailable", "unavailable")]
)
async def test_of_several_sources_one_that_is_away_is_told(
    client: httpx.AsyncClient,
    sources: Sources,
    other: Literal["available", "unavailable"],
    status: str,
) -> None:
    await hear(sources, "available")
    await hear(sources, other, source="another")

    assert await told(client) == status


async def test_a_source_that_sleeps_by_plan_is_asleep_until_it_should_be_awake(
    client: httpx.AsyncClient, sources: Sources
) -> None:
    await hear(sources, "unavailable", asleep_for=MINUTE)
    in_the_night = await told(client)
    await hear(sources, "unavailable", asleep_for=-MINUTE)
    in_the_morning = await told(client)

    assert (in_the_night, in_the_morning) == ("asleep", "unavailable")


async def test_a_source_that_is_away_is_told_before_one_that_sleeps(
    client: httpx.AsyncClient, sources: Sources
) -> None:
    await hear(sources, "unavailable", asleep_for=MINUTE)
    await hear(sources, "available", source="awake")
    without = await told(client)
    await hear(sources, "unavailable", source="broken")

    assert (without, await told(client)) == ("asleep", "unavailable")
