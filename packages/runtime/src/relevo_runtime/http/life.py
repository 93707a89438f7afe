"""The life of a service beside its HTTP server: it starts, works and ends."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import structlog

from relevo_contracts import OutageError
from relevo_contracts.errors import SetupError
from relevo_runtime.http.readiness import STARTING, Readiness
from relevo_runtime.retries import SOON, patiently

Running = Callable[[], AbstractAsyncContextManager[None]]
"""All that a service opens and runs, from its start to its stop."""

STOP = "stop"
"""In the lifespan's state: what the HTTP server calls when it is told to end."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def end_process() -> None:
    """Let the HTTP server stop in order; whoever supervises us starts us again."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def background(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """The works go on until the context is left; one that fails ends the service.

    Else a service would be called healthy whose work nobody does any more.
    """
    async with asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in started:
                task.cancel()


def lifespan(
    running: Running, readiness: Readiness, *, on_failure: Callable[[], None] = end_process
) -> Callable[[object], AbstractAsyncContextManager[Mapping[str, object]]]:
    """A lifespan that enters `running` beside the server and leaves it at the stop.

    So /health answers while a start waits. A start that raises OutageError or
    ConnectionError is made again; any other error is logged and ends the process.
    Once `running` is entered the service is ready, unless `running` itself has said
    with `readiness.wait_for` what it is waiting for.
    """

    @asynccontextmanager
    async def beside(_: object) -> AsyncIterator[Mapping[str, object]]:
        life = Life(running, readiness, on_failure)
        task = asyncio.create_task(life.live())
        try:
            yield {STOP: readiness.stop}
        finally:
            life.leave.set()
            if not life.entered:
                task.cancel()
            await asyncio.wait([task])

    return beside


class Life:
    """One life of a service: `live` ends after `leave` is set."""

    def __init__(
        self, running: Running, readiness: Readiness, on_failure: Callable[[], None]
    ) -> None:
        self.leave = asyncio.Event()
        self.entered = False
        self._running = running
        self._readiness = readiness
        self._on_failure = on_failure

    async def live(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                await patiently(
                    lambda: self._enter(stack), what="a start", longest_delay=SOON
                )
                self.entered = True
                if self._readiness.reason.startswith(STARTING):
                    self._readiness.is_ready()
                await self.leave.wait()
        except Exception as error:
            if isinstance(error, SetupError):
                log.critical("the service cannot go on", reason=str(error))
            else:
                log.critical("the service cannot go on", exc_info=error)
            self._readiness.wait_for(f"failed: {error!r}")
            if not self.leave.is_set():
                self._on_failure()

    async def _enter(self, stack: AsyncExitStack) -> None:
        try:
            await stack.enter_async_context(self._running())
        except (OutageError, ConnectionError) as error:
            self._readiness.wait_for(f"{STARTING}: {error}")
            raise OutageError(str(error)) from error
