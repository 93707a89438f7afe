"""What became of promotions is told to the others, in order, however long Kafka is away."""

import asyncio
from datetime import timedelta

import structlog

from relevo_contracts import Envelope, ModelServed
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.retries import patiently
from relevo_runtime.telemetry.tracing import working

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Announcer:
    """A swap does not wait for its announcement: `announce` queues, `run` publishes."""

    def __init__(self, publisher: EventPublisher, *, service: str) -> None:
        self._publisher = publisher
        self._service = service
        self._queue: asyncio.Queue[tuple[ModelServed, Envelope]] = asyncio.Queue()

    def announce(self, fact: ModelServed, cause: Envelope) -> None:
        """Publish the fact soon; its cause is the promotion."""
        self._queue.put_nowait((fact, cause))

    async def run(self) -> None:
        """Publish for ever; a fact that Kafka refuses is logged and left out."""
        while True:
            fact, cause = await self._queue.get()
            try:
                await self._publish(fact, cause)
            except Exception:
                told = {"model": fact.model, "model_version": fact.model_version}
                log.exception("not announced", **told)

    async def _publish(self, fact: ModelServed, cause: Envelope) -> None:
        envelope = Envelope.of(fact, source=self._service, cause=cause)
        began = fact.served_at - timedelta(seconds=fact.swap_seconds)
        with working(cause.traceparent, "swap", began=began):
            await patiently(lambda: self._publisher.publish(fact, envelope), what="Kafka")
