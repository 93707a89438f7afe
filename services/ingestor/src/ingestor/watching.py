"""Whether the data source answers is told to the others: each change, and now and then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal

from ingestor.results import REASON_LENGTH
from ingestor.settings import SERVICE
from ingestor.source import Listing, Offer, Source, SourceAsleepError
from ingestor.source_clock import SourceClock
from relevo_contracts import Envelope, OutageError, SourceSeen
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.retries import patiently

AGAIN = timedelta(minutes=1)
"""What has not changed is told anew after that, when the source is asked again."""

VALID = timedelta(minutes=15)
"""Three times as long as the source is left alone at most: a silence is no outage."""

Status = Literal["available", "unavailable"]


def utc_now() -> datetime:
    """The time, for a clock that tests can replace."""
    return datetime.now(UTC)


class WatchedSource:
    """A Source that is another one, seen: `tell` publishes what asking it has shown.

    Where the other one is away by plan, SourceAsleepError is raised for its OutageError:
    nobody should wait for it with impatience.

    Nobody waits for the telling; while Kafka is away only the newest is kept.
    """

    def __init__(
        self,
        source: Source,
        publisher: EventPublisher,
        clock: SourceClock,
        *,
        name: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._clock = clock
        self._name = name
        self._now = now
        self._seen: SourceSeen | None = None
        self._news = asyncio.Event()

    async def listing(self) -> Listing:
        async with self._seeing():
            return await self._source.listing()

    async def fetch(self, offer: Offer, *, max_bytes: int) -> bytes:
        async with self._seeing():
            return await self._source.fetch(offer, max_bytes=max_bytes)

    def url(self, offer: Offer) -> str:
        return self._source.url(offer)

    async def tell(self) -> None:
        """Publish for ever what is new."""
        while True:
            await self._news.wait()
            self._news.clear()
            await patiently(self._publish, what="Kafka")

    async def _publish(self) -> None:
        if seen := self._seen:
            cause = f"{seen.source} {seen.status} {seen.seen_at.isoformat()}"
            envelope = Envelope.of(seen, source=SERVICE, cause=cause)
            await self._publisher.publish(seen, envelope)

    @asynccontextmanager
    async def _seeing(self) -> AsyncIterator[None]:
        try:
            yield
        except OutageError as error:
            until = self._clock.asleep_until(self._now())
            self._see("unavailable", str(error)[:REASON_LENGTH], asleep_until=until)
            if until:
                raise SourceAsleepError(until) from error
            raise
        except Exception:
            self._see("available")  # it answered, if not what was wanted
            raise
        self._see("available")

    def _see(
        self,
        status: Status,
        reason: str | None = None,
        *,
        asleep_until: datetime | None = None,
    ) -> None:
        now, before = self._now(), self._seen
        view = (status, asleep_until)
        same = before if before and (before.status, before.asleep_until) == view else None
        if same and now < same.seen_at + AGAIN:
            return
        self._seen = SourceSeen(
            source=self._name,
            status=status,
            reason=reason,
            asleep_until=asleep_until,
            since=same.since if same else now,
            seen_at=now,
            valid_until=now + VALID,
        )
        self._news.set()
