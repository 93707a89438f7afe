"""How a service hears facts: as one of a group that shares the work."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from relevo_contracts import Envelope, Event
from relevo_runtime.following import Following, follow
from relevo_runtime.publisher import KafkaPublisher
from relevo_runtime.settings import ServiceSettings

__all__ = ["Following", "Handler", "consume", "follow"]

E = TypeVar("E", bound=Event)
Handler = Callable[[E, Envelope], Awaitable[None]]


@asynccontextmanager
async def consume(
    settings: ServiceSettings,
    *,
    service: str,
    event: type[E],
    handler: Handler[E],
    publisher: KafkaPublisher,
) -> AsyncIterator[None]:
    """Handle each event of a topic at least once, as a member of the service's group."""
    raise NotImplementedError
    yield
