"""How a service hears the state of things: all of a compacted topic, without a group."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from relevo_contracts import Envelope, Event
from relevo_runtime.settings import ServiceSettings

E = TypeVar("E", bound=Event)


@dataclass
class Following:
    """`caught_up`: all that stood in the topic at the start has been handled."""

    caught_up: bool = False


@asynccontextmanager
async def follow(
    settings: ServiceSettings,
    *,
    service: str,
    event: type[E],
    handler: Callable[[E, Envelope, int], Awaitable[None]],
) -> AsyncIterator[Following]:
    """Handle each event of a topic from its start on; the third argument is its offset."""
    raise NotImplementedError
    yield Following()
