"""How a service hears each dataset by itself: a slow or failing one holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from relevo_contracts import Event
from relevo_contracts.lanes import lanes
from relevo_runtime.kafka.consuming import Handler, consume
from relevo_runtime.kafka.publisher import EventPublisher
from relevo_runtime.kafka.settings import KafkaSettings

E = TypeVar("E", bound=Event)


@asynccontextmanager
async def consume_by_dataset(
    settings: KafkaSettings,
    datasets: Sequence[str],
    *,
    service: str,
    event: type[E],
    handler: Handler[E],
    publisher: EventPublisher,
) -> AsyncIterator[None]:
    """As `consume`, once per dataset, for a topic whose keys are datasets or batches."""
    consuming = [
        consume(
            settings,
            service=service,
            event=event,
            handler=handler,
            publisher=publisher,
            group=group,
            takes=takes,
        )
        for group, takes in lanes(service, datasets).items()
    ]
    async with side_by_side(consuming):
        yield


@asynccontextmanager
async def side_by_side(
    contexts: Iterable[AbstractAsyncContextManager[None]],
) -> AsyncIterator[None]:
    """All of them, entered together and left together: the slowest says how long it takes.

    Raises an ExceptionGroup of what they raise.
    """
    leave = asyncio.Event()

    async def live(context: AbstractAsyncContextManager[None]) -> None:
        async with context:
            entered.release()
            await leave.wait()

    entered = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        for _ in [tasks.create_task(live(context)) for context in contexts]:
            await entered.acquire()
        try:
            yield
        finally:
            leave.set()
