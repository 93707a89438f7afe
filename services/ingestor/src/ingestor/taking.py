"""Takes each batch once, when it is due: the order of the effects, and the wait between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from structlog.contextvars import bound_contextvars

from ingestor.batches import Limits, accept
from ingestor.metrics import BATCHES, NEWEST_BATCH, NEXT_DUE, ROWS, UNTAKEN_SINCE
from ingestor.results import Taking, dead_letter_of, event_of
from ingestor.source import (
    Listing,
    Offer,
    Source,
    SourceAsleepError,
    unix_seconds,
)
from relevo_contracts import PoisonError, Topic
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import Dataset
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.retries import patiently
from relevo_storage import Catalog, ObjectStore, make_known, once, put_by_hash

LONGEST_WAIT_SECONDS = 300.0
"""A source may be started anew with another plan: it is asked at least this often."""

UNTIMELY_SECONDS = 5.0
"""Before a source is asked again that does not have what it says it has."""

SHORTEST_WAIT_SECONDS = 0.02

JSON = [("content-type", b"application/json")]

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Taker:
    """Brings the batches of one dataset from the source to the platform."""

    def __init__(
        self,
        source: Source,
        store: ObjectStore,
        catalog: Catalog,
        publisher: EventPublisher,
        *,
        dataset: Dataset,
        limits: Limits,
    ) -> None:
        self._source = source
        self._store = store
        self._catalog = catalog
        self._publisher = publisher
        self._dataset = dataset
        self._name = dataset.name
        self._what = f"the data source of {dataset.name}"
        self._limits = limits
        self._source_sleeps = False

    async def take_for_ever(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Finish what an earlier life began, then take what is due when it is due."""
        with bound_contextvars(dataset=self._name):
            await self.announce_the_unannounced()
            while True:
                await sleep(await self.take_while_it_is_awake())

    async def announce_the_unannounced(self) -> None:
        """Announce what was recorded, but perhaps not announced before a death."""
        for result in await patiently(
            lambda: self._catalog.unannounced(self._name, Stage.RAW),
            what="the catalog",
        ):
            await make_known(self._catalog, result, self._send, reach=patiently)

    async def take_while_it_is_awake(self) -> float:
        """As take_what_is_due; while the source sleeps by plan, seldom and quietly."""
        try:
            seconds = await self.take_what_is_due()
        except SourceAsleepError as asleep:
            UNTAKEN_SINCE.labels(self._name).set(0)  # nobody could take it
            if not self._source_sleeps:
                log.info("the source sleeps by plan", until=asleep.until.isoformat())
            self._source_sleeps = True
            left = (asleep.until - datetime.now(UTC)).total_seconds()
            return min(max(left, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
        if self._source_sleeps:
            log.info("the source is awake")
        self._source_sleeps = False
        return seconds

    async def take_what_is_due(self) -> float:
        """Take all that is released and not taken; the seconds after which to ask again."""
        listing = await patiently(self._source.listing, what=self._what)
        NEXT_DUE.labels(self._name).set(unix_seconds(listing.next_due))
        results = await patiently(
            lambda: self._catalog.results(self._name, Stage.RAW),
            what="the catalog",
        )
        offers = listing.untaken({result.number for result in results})
        if results:
            NEWEST_BATCH.labels(self._name).set(results[-1].number)
        oldest = offers[0].released_at if offers else None
        UNTAKEN_SINCE.labels(self._name).set(unix_seconds(oldest))
        try:
            for offer in offers:
                await self._take(offer)
        except FileNotFoundError as error:
            log.warning("the source does not have what it offered", reason=str(error))
            return UNTIMELY_SECONDS
        return 0.0 if offers else seconds_to_wait(listing)

    async def _take(self, offer: Offer) -> None:
        taking = Taking(self._name, offer, self._source.url(offer), datetime.now(UTC))
        with bound_contextvars(batch_id=taking.batch_id):
            await once(
                self._catalog,
                taking.batch_id,
                Stage.RAW,
                lambda: self._result_of(taking),
                announce=self._send,
                recorded=tell,
                reach=patiently,
            )

    async def _result_of(self, taking: Taking) -> StageResult:
        offer = taking.offer
        try:
            content = await patiently(
                lambda: self._source.fetch(offer, max_bytes=self._limits.bytes),
                what=self._what,
            )
            raw = await asyncio.to_thread(
                accept, content, offer.sha256, self._dataset, self._limits
            )
        except PoisonError as error:
            return taking.refused(str(error), now=datetime.now(UTC))
        table = await patiently(
            lambda: put_by_hash(
                self._store, f"raw/{self._name}", raw.content, suffix=".parquet"
            ),
            what="the object store",
        )
        return taking.accepted(table, rows=raw.rows, now=datetime.now(UTC))

    async def _send(self, result: StageResult) -> None:
        if result.announcement is None:
            return
        if result.verdict is Verdict.ACCEPTED:
            await self._publisher.publish(*event_of(result.announcement))
            return
        letter, body = dead_letter_of(result.announcement)
        await self._publisher.bury(
            letter,
            topic=Topic.BATCH_RAW,
            key=result.batch_id.encode(),
            body=body,
            headers=JSON,
        )


def tell(result: StageResult) -> None:
    """Log and count how a batch was taken."""
    BATCHES.labels(result.dataset, result.verdict.value).inc()
    if result.verdict is Verdict.ACCEPTED and result.announcement:
        ROWS.labels(result.dataset).inc(result.rows or 0)
        event_id = result.announcement.envelope["id"]
        log.info("batch taken", rows=result.rows, event_id=event_id)
    else:
        log.warning("batch refused", reason=result.reason)


def seconds_to_wait(listing: Listing) -> float:
    """Until the next batch is due; a listing that is late with one is asked again soon."""
    seconds = listing.seconds_until_due()
    if seconds is None:
        log.info("the source has no more batches")
        return LONGEST_WAIT_SECONDS
    if seconds <= 0:
        return UNTIMELY_SECONDS
    log.info("the next batch is due", in_seconds=round(seconds, 1))
    return min(max(seconds, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
