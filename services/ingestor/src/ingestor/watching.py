"""Whether the data source answers is told to the others: each change, and now and then."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal

from ingestor.metrics import SOURCE_UNDERSTOOD, SOURCE_UP
from ingestor.results import REASON_LENGTH
from ingestor.settings import SERVICE
from ingestor.source_clock import SourceClock
from ingestor.sources.port import (
    Due,
    Parcel,
    Source,
    SourceAsleepError,
    StrangeAnswerError,
)
from ingestor.sources.taken import Taken
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
        self._up = SOURCE_UP.labels(name)
        self._understood = SOURCE_UNDERSTOOD.labels(name)
        self._understood.set(1)  # until it is seen otherwise

    async def next(self, taken: Taken) -> Parcel | Due:
        async with self._seeing():
            return await self._source.next(taken)

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
            self._up.set(0)
            is_strange = isinstance(error, StrangeAnswerError)
            self._understood.set(not is_strange)
            until = self._clock.asleep_until(self._now())
            reason = str(error)[:REASON_LENGTH]
            self._see("unavailable", reason, is_strange=is_strange, asleep_until=until)
            if until:
                raise SourceAsleepError(until) from error
            raise
        self._up.set(1)
        self._understood.set(1)
        self._see("available")

    def _see(
        self,
        status: Status,
        reason: str | None = None,
        *,
        is_strange: bool = False,
        asleep_until: datetime | None = None,
    ) -> None:
        now, before = self._now(), self._seen
        view = (status, is_strange, asleep_until)
        same = before if before and _view(before) == view else None
        if same and now < same.seen_at + AGAIN:
            return
        self._seen = SourceSeen(
            source=self._name,
            status=status,
            is_strange=is_strange,
            reason=reason,
            asleep_until=asleep_until,
            since=same.since if same else now,
            seen_at=now,
            valid_until=now + VALID,
        )
        self._news.set()


def _view(seen: SourceSeen) -> tuple[str, bool, datetime | None]:
    return seen.status, seen.is_strange, seen.asleep_until
