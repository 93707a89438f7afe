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
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faststream import BaseMiddleware, ContextRepo
from faststream.message import StreamMessage

from relevo_contracts import DeadLetter, Event, OutageError, Topic
from relevo_runtime.kafka.failures import Failure, classify, describe
from relevo_runtime.kafka.observing import identity
from relevo_runtime.kafka.pausing import Patience, Pausing, Trouble
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.receiving import Received, Record
from relevo_runtime.metrics import EVENT_AGE, HANDLED, HANDLING
from relevo_runtime.telemetry.tracing import working

Step = Literal["parse", "handle"]
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Delivery:
    """The policy of one consumer."""

    def __init__(self, service: str, publisher: EventPublisher, patience: Patience) -> None:
        self.service = service
        self.publisher = publisher
        self.patience = patience
        self.pausing = Pausing(patience)
        self._idle = asyncio.Event()
        self._idle.set()

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> "DeliveryMiddleware":
        """Used by FastStream as a broker middleware: one object for each message."""
        return DeliveryMiddleware(msg, context=context, delivery=self)

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
        reason = describe(error)
        letter = DeadLetter(
            reason=reason,
            stage=step,
            service=self.service,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            time=datetime.now(UTC),
            kind="poison" if failure is Failure.POISON else "bug",
        )
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
        log.error("dead letter", reason=reason, kind=letter.kind, exc_info=traceback)
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


class DeliveryMiddleware(BaseMiddleware[Any, Any]):
    """Watches one message: sees what parsing and the handler raise, and settles it."""

    def __init__(self, msg: Record, /, *, context: ContextRepo, delivery: Delivery) -> None:
        super().__init__(msg, context=context)
        self._delivery = delivery
        self._step: Step = "parse"
        self._begun = time.monotonic()
        self._lines = {
            "topic": msg.topic,
            "partition": msg.partition,
            "offset": msg.offset,
        }

    async def on_receive(self) -> None:
        self._delivery.begin()

    async def consume_scope(self, call_next: Any, msg: StreamMessage[Any]) -> Any:
        received = cast(Received[Event], await msg.decode())
        self._step = "handle"
        self._lines |= identity(received.event, received.envelope)
        age = datetime.now(UTC) - received.envelope.time
        EVENT_AGE.labels(self.msg.topic).observe(max(0.0, age.total_seconds()))
        with (
            structlog.contextvars.bound_contextvars(**self._lines),
            working(received.envelope.traceparent, f"handle {self.msg.topic}"),
        ):
            return await call_next(msg)

    async def after_processed(
        self,
        _type: type[BaseException] | None = None,
        error: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> bool:
        """True: whatever was raised has been answered."""
        try:
            if error is not None and not isinstance(error, Exception):
                return False  # the service stops: the message stays uncommitted
            HANDLING.labels(self.msg.topic).observe(time.monotonic() - self._begun)
            consumer = self.context.get_local("handler_").consumer
            with structlog.contextvars.bound_contextvars(**self._lines):
                await self._delivery.settle(consumer, self.msg, self._step, error)
            return True
        finally:
            self._delivery.end()


def tell(error: Exception, trouble: Trouble, delay: float) -> None:
    """One line for the beginning of an outage, one with the traceback for each bug."""
    if classify(error) is Failure.BUG:
        log.error("a bug: again soon", again_in_seconds=delay, exc_info=error)
    elif trouble.outages == 1:
        log.warning("waiting for the end of an outage", reason=describe(error))
    else:
        log.debug("still an outage", reason=describe(error), again_in_seconds=delay)
