"""A process of its own for each training job, so that the event loop never waits for one.

Jobs are forked from a server process that has the heavy libraries loaded already and has
run nothing yet; a job's memory is given back when it ends.
"""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from relevo_contracts import OutageError, PoisonError
from trainer.jobs.messages import Failure, Message
from trainer.jobs.worker import PRELOADED, work
from trainer.learning.assignment import Assignment
from trainer.learning.stages import Progress
from trainer.recording.registered import HeldBatch, Registered, Registry

Tell = Callable[[Progress], None]
Train = Callable[[Assignment, Tell], Coroutine[None, None, Registered | HeldBatch]]
"""Raises PoisonError, OutageError, and TrainingFailedError for a bug."""

Receive = Callable[[], Awaitable[Message | None]]
"""The next message of the process; None when it has ended."""


class TrainingFailedError(Exception):
    """The training process met a bug, or was killed."""


def warm_up() -> None:
    """Start the server process and let it load the libraries; returns at once."""
    # Threads that wait for each other shall sleep: spinning on shared cores makes fits
    # 6 to 70 times slower. OpenMP reads this when it is loaded.
    os.putenv("OMP_WAIT_POLICY", "PASSIVE")
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(PRELOADED))
    forkserver.ensure_running()


def build_train(registry: Registry) -> Train:
    """Training in a process of its own."""

    async def train(assignment: Assignment, tell: Tell) -> Registered | HeldBatch:
        async with _working(assignment, registry) as receive:
            while (message := await receive()) is not None:
                if isinstance(message, Registered | HeldBatch):
                    return message
                if isinstance(message, Failure):
                    raise _error(message)
                tell(message)
        raise TrainingFailedError("the training process ended without a result")

    return train


@asynccontextmanager
async def _working(assignment: Assignment, registry: Registry) -> AsyncIterator[Receive]:
    """A new process, which is gone when the block is left, and what it says."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=work, args=(theirs, assignment, registry), daemon=True, name="training"
    )
    # The first start waits until the server process has loaded everything. One that is
    # cancelled meanwhile goes on in its thread: only then there is a process to kill.
    start = asyncio.create_task(asyncio.to_thread(process.start))
    try:
        await asyncio.shield(start)
        theirs.close()
        async with _receiving(ours) as receive:
            yield receive
    finally:
        await asyncio.shield(_end(process, start))
        theirs.close()
        ours.close()


@asynccontextmanager
async def _receiving(connection: Connection) -> AsyncIterator[Receive]:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    file = connection.fileno()
    loop.add_reader(file, readable.set)

    async def receive() -> Message | None:
        try:
            while not connection.poll():
                readable.clear()
                await readable.wait()
            message: Message = connection.recv()  # small: it is there as a whole
        except (EOFError, OSError):
            return None
        return message

    try:
        yield receive
    finally:
        loop.remove_reader(file)


async def _end(process: BaseProcess, start: asyncio.Task[None]) -> None:
    await asyncio.wait([start])
    if start.exception() is None:
        process.kill()
        await asyncio.to_thread(process.join)
        process.close()


def _error(failure: Failure) -> Exception:
    kinds = {"poison": PoisonError, "outage": OutageError, "bug": TrainingFailedError}
    return kinds[failure.kind](failure.text)
