"""What becomes of a message: handled, read again, or dead.

poison (PoisonError, does not parse)   -> the dead letters at once
outage (OutageError, ConnectionError)  -> the partition is paused and read again, for as
                                          long as it lasts; other partitions go on
bug    (anything else)                 -> read again, at the last attempt a dead letter

The offset is committed only after the handler's effects or the dead letter. FastStream's
own policies lose and double messages; tests/test_consuming.py has the cases.
"""

import asyncio
import time
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from relevo_contracts import OutageError, Topic
from relevo_contracts.lanes import Takes
from relevo_contracts.records import Record
from relevo_runtime.kafka.burial import Step, letter_of
from relevo_runtime.kafka.failures import Failure, classify, describe
from relevo_runtime.kafka.pausing import Patience, Pausing, Trouble
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.metrics import HANDLED

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Delivery:
    """The policy of one consumer."""

    def __init__(
        self,
        service: str,
        publisher: EventPublisher,
        patience: Patience,
        *,
        group: str,
        takes: Takes,
    ) -> None:
        self.service = service
        self.publisher = publisher
        self.patience = patience
        self.group = group
        self.takes = takes
        self.pausing = Pausing(patience, group)
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        """A message is being handled."""
        self._idle.clear()

    def end(self) -> None:
        """No message is being handled."""
        self._idle.set()

    async def rest(self, seconds: float) -> None:
        """Return when no message is being handled, or after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def pass_over(self, consumer: AIOKafkaConsumer, record: Record) -> None:
        """The message is for somebody else: done with, and not counted."""
        partition = TopicPartition(record.topic, record.partition)
        await self._finish(consumer, partition, record.offset)

    async def settle(
        self,
        consumer: AIOKafkaConsumer,
        record: Record,
        step: Step,
        error: Exception | None,
    ) -> None:
        """Decide what becomes of a message after an attempt at it, and do it."""
        partition = TopicPartition(record.topic, record.partition)
        if error is None:
            HANDLED.labels(record.topic, "handled").inc()
            await self._finish(consumer, partition, record.offset)
            return
        failure = classify(error)
        HANDLED.labels(record.topic, failure).inc()
        trouble = self.pausing.failed(partition, record.offset, failure)
        tried = failure is Failure.BUG and trouble.bugs >= self.patience.attempts
        if failure is Failure.POISON or tried:
            unwritten = await self._bury(record, step, failure, error)
            if unwritten is None:
                await self._finish(consumer, partition, record.offset)
                return
            error = unwritten
            self.pausing.failed(partition, record.offset, Failure.OUTAGE)
        delay = self.pausing.read_again(consumer, partition, trouble)
        tell(error, trouble, delay)

    async def _bury(
        self, record: Record, step: Step, failure: Failure, error: Exception
    ) -> OutageError | None:
        """Write the dead letter; answers the outage that prevents it."""
        letter = letter_of(record, error, failure, step=step, service=self.service)
        try:
            await self.publisher.bury(
                letter,
                topic=Topic(record.topic),
                key=record.key,
                body=record.value or b"",
                headers=record.headers,
            )
        except Exception as unwritten:  # whatever it is: no dead letter, no commit
            return OutageError(f"no dead letter could be written: {unwritten!r}")
        traceback = error if failure is Failure.BUG else None
        log.error("dead letter", reason=letter.reason, kind=letter.kind, exc_info=traceback)
        return None

    async def _finish(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int
    ) -> None:
        """Commit the message, and make sure that it is not read again."""
        trouble = self.pausing.over(partition)
        if trouble is not None and trouble.since is not None:
            seconds = round(time.time() - trouble.since, 1)
            log.info("the outage is over", outage_seconds=seconds)
        try:
            # A rejoin of the group rewinds to the committed offset, even when the
            # partition stays here.
            if await consumer.position(partition) <= offset:
                consumer.seek(partition, offset + 1)
            await consumer.commit({partition: offset + 1})
        except KafkaError as error:
            log.warning(
                "handled, but not committed: it will come again", reason=repr(error)
            )


def tell(error: Exception, trouble: Trouble, delay: float) -> None:
    """One line for the beginning of an outage, one with the traceback for each bug."""
    if classify(error) is Failure.BUG:
        log.error("a bug: again soon", again_in_seconds=delay, exc_info=error)
    elif trouble.outages == 1:
        log.warning("waiting for the end of an outage", reason=describe(error))
    else:
        log.debug("still an outage", reason=describe(error), again_in_seconds=delay)
