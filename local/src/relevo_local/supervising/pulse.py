"""Asks a process that works, again and again, whether it still answers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from relevo_local.supervising.programs import Program
from relevo_local.supervising.silence import Silence


@dataclass(frozen=True)
class Listener:
    """What is called, with seconds: at the first silence, at its end, at the limit."""

    silent: Callable[[float], None]
    answers: Callable[[float], None]
    over: Callable[[float], None]


@contextmanager
def asked(program: Program, listener: Listener, *, limit: float) -> Iterator[None]:
    """Ask for as long as the block lasts, or until the silence is over its limit."""
    left = threading.Event()
    thread = threading.Thread(
        target=_ask, args=[program, listener, Silence(limit), left], daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        left.set()  # a question may still wait for its answer: nobody hears it


def _ask(
    program: Program, listener: Listener, silence: Silence, left: threading.Event
) -> None:
    last = time.monotonic()
    while not left.wait(silence.pause):
        was_one, before = silence.is_one, silence.seconds
        answered = program.is_alive()
        if left.is_set():
            return
        now = time.monotonic()
        silence.note(answered=answered, passed=now - last)
        last = now
        if was_one and answered:
            listener.answers(before)
        elif silence.is_one and not was_one:
            listener.silent(silence.seconds)
        if silence.is_over:
            listener.over(silence.seconds)
            return
