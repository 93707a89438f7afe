"""Takes each batch once, when it is due: the order of the effects, and the wait between."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from structlog.contextvars import bound_contextvars

from ingestor.metrics import BATCHES, NEWEST_BATCH, ROWS, UNTAKEN_SINCE
from ingestor.reading.reader import Reader
from ingestor.results import Taking, dead_letter_of, event_of
from ingestor.sources.port import (
    Due,
    Parcel,
    Source,
    SourceAsleepError,
    unix_seconds,
)
from ingestor.sources.taken import Taken, attempt_of, identity_of
from relevo_contracts import PoisonError, Topic
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_datasets import Dataset
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.retries import patiently
from relevo_storage import Catalog, ObjectStore, make_known, once, put_by_hash

JSON = [("content-type", b"application/json")]

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Taker:
    """Brings the batches of one dataset from the source to the platform."""

    def __init__(
        self,
        source: Source,
        reader: Reader,
        store: ObjectStore,
        catalog: Catalog,
        publisher: EventPublisher,
        *,
        dataset: Dataset,
    ) -> None:
        self._source = source
        self._reader = reader
        self._store = store
        self._catalog = catalog
        self._publisher = publisher
        self._dataset = dataset
        self._name = dataset.name
        self._what = f"the data source of {dataset.name}"
        self._source_sleeps = False
        self._said = ""

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
            return Due((asleep.until - datetime.now(UTC)).total_seconds()).wait
        if self._source_sleeps:
            log.info("the source is awake")
        self._source_sleeps = False
        return seconds

    async def take_what_is_due(self) -> float:
        """Take all that is there and not taken; the seconds after which to ask again."""
        taken, is_news = await self._taken(), False
        while isinstance(found := await self._next(taken), Parcel):
            UNTAKEN_SINCE.labels(self._name).set(unix_seconds(found.released_at))
            result = await self._take(found, taken)
            # another process was quicker with that number, and with what else?
            is_news = True
            is_ours = identity_of(result) == found.identity
            taken = taken.beside(result) if is_ours else await self._taken()
        UNTAKEN_SINCE.labels(self._name).set(unix_seconds(found.untaken_since))
        if found.why and (is_news or found.why != self._said):
            log.info(found.why, asked_again_in_seconds=round(found.wait, 1))
        self._said = found.why
        return found.wait

    async def _taken(self) -> Taken:
        results = await patiently(
            lambda: self._catalog.results(self._name, Stage.RAW),
            what="the catalog",
        )
        taken = Taken.of(results)
        if taken.newest:
            NEWEST_BATCH.labels(self._name).set(taken.newest)
        return taken

    async def _next(self, taken: Taken) -> Parcel | Due:
        return await patiently(lambda: self._source.next(taken), what=self._what)

    async def _take(self, parcel: Parcel, taken: Taken) -> StageResult:
        """The result that stands for the number that the parcel has, or was given."""
        before = taken.result(parcel.identity)
        number = taken.number_for(parcel.identity, parcel.number)
        taking = Taking(self._name, parcel, number, datetime.now(UTC), before)
        with bound_contextvars(batch_id=taking.batch_id):
            if before is None or before.again:
                result = await once(
                    self._catalog,
                    taking.batch_id,
                    Stage.RAW,
                    lambda: self._result_of(taking),
                    announce=self._send,
                    recorded=tell,
                    reach=patiently,
                )
            else:
                result = await self._take_again(taking, before)
        NEWEST_BATCH.labels(self._name).set(max(taken.newest, number))
        return result

    async def _take_again(self, taking: Taking, before: StageResult) -> StageResult:
        """The later try of a batch that was refused, in the place of the earlier one."""
        made = await self._result_of(taking)
        result = await patiently(
            lambda: self._catalog.record_again(made, instead_of=before),
            what="the catalog",
        )
        tell(result)
        await make_known(self._catalog, result, self._send, reach=patiently)
        return result

    async def _result_of(self, taking: Taking) -> StageResult:
        parcel = taking.parcel
        try:
            if parcel.fault is not None:
                raise PoisonError(parcel.fault)
            raw = await self._reader.accept(parcel.content, parcel.form, self._dataset)
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
    again = {"attempt": attempt_of(result)} if attempt_of(result) > 1 else {}
    if result.verdict is Verdict.ACCEPTED and result.announcement:
        ROWS.labels(result.dataset).inc(result.rows or 0)
        event_id = result.announcement.envelope["id"]
        log.info("batch taken", rows=result.rows, event_id=event_id, **again)
    else:
        log.warning("batch refused", reason=result.reason, **again)
