"""What FastStream shows of a message on its way through the handler, given to Delivery."""

import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, cast

import structlog
from faststream import BaseMiddleware, ContextRepo
from faststream.message import StreamMessage

from relevo_contracts import Event
from relevo_contracts.records import Record
from relevo_runtime.kafka.burial import Step
from relevo_runtime.kafka.delivery import Delivery
from relevo_runtime.kafka.observing import identity
from relevo_runtime.kafka.receiving import Received
from relevo_runtime.metrics import EVENT_AGE, HANDLING
from relevo_runtime.telemetry.tracing import working


class DeliveryMiddleware(BaseMiddleware[Any, Any]):
    """Watches one message: sees what parsing and the handler raise, and settles it."""

    def __init__(self, msg: Record, /, *, context: ContextRepo, delivery: Delivery) -> None:
        super().__init__(msg, context=context)
        self._delivery = delivery
        self._step: Step = "parse"
        self._is_ours = delivery.takes(msg.key)
        self._begun = time.monotonic()
        self._lines = {
            "topic": msg.topic,
            "partition": msg.partition,
            "offset": msg.offset,
        }

    async def on_receive(self) -> None:
        self._delivery.begin()

    async def consume_scope(self, call_next: Any, msg: StreamMessage[Any]) -> Any:
        if not self._is_ours:
            return None
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
            consumer = self.context.get_local("handler_").consumer
            if not self._is_ours:
                await self._delivery.pass_over(consumer, self.msg)
                return True
            HANDLING.labels(self.msg.topic).observe(time.monotonic() - self._begun)
            with structlog.contextvars.bound_contextvars(**self._lines):
                await self._delivery.settle(consumer, self.msg, self._step, error)
            return True
        finally:
            self._delivery.end()
