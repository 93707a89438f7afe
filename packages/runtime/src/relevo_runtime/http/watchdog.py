"""Ends a process whose event loop stands still, so that it is started anew."""

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

EXIT_CODE = 70
"""EX_SOFTWARE: a fault in the program."""
TICK_SECONDS = 1.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def end_at_once() -> None:
    """No orderly end: what would see to it is what does not answer."""
    sys.stdout.flush()
    os._exit(EXIT_CODE)


@contextmanager
def watched(
    loop: asyncio.AbstractEventLoop,
    *,
    seconds: float,
    tick: float = TICK_SECONDS,
    end: Callable[[], None] = end_at_once,
) -> Iterator[None]:
    """Watch the running loop for as long as the block lasts; 0 seconds: do not.

    Called in the loop's thread. Counted are the watching thread's own ticks, not a clock:
    a process that was stopped, or whose machine slept, wakes up without a silence.
    """
    left = threading.Event()
    if seconds:
        task = (loop, threading.get_ident(), seconds, tick, end, left)
        threading.Thread(target=_watch, args=task, name="watchdog", daemon=True).start()
    try:
        yield
    finally:
        left.set()


def _watch(
    loop: asyncio.AbstractEventLoop,
    thread: int,
    seconds: float,
    tick: float,
    end: Callable[[], None],
    left: threading.Event,
) -> None:
    beaten, silent = threading.Event(), 0.0
    loop.call_soon_threadsafe(beaten.set)
    while not left.wait(tick):
        silent = 0.0 if beaten.is_set() else silent + tick
        if beaten.is_set():
            beaten.clear()
            loop.call_soon_threadsafe(beaten.set)
        if silent >= seconds:
            log.critical(
                "the loop stands still: the process ends",
                seconds=seconds,
                at=_where(thread),
            )
            end()
            return


def _where(thread: int) -> str:
    """Where the loop's thread is: what it does instead of answering."""
    frame = sys._current_frames().get(thread)
    return "".join(traceback.format_stack(frame)[-8:]) if frame else "nowhere"
