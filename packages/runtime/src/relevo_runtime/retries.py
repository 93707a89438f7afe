"""Waiting for what is away: the same call again, with patience."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import structlog
import tenacity

from relevo_contracts import OutageError
from relevo_runtime.metrics import WAITING

T = TypeVar("T")
SOON = 1.0
"""The longest delay at a start: a service begins soon after its servers are there."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def patiently(
    operation: Callable[[], Awaitable[T]],
    *,
    what: str,
    first_delay: float = 0.2,
    longest_delay: float = 5.0,
) -> T:
    """Repeat the operation for as long as it raises OutageError, then answer its result.

    what: what is waited for, in words ("Kafka"); delays in seconds, doubling.
    Says so in the log once when it begins to wait and once when the wait is over.
    Raises what the operation raises, except OutageError.
    """

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if state.attempt_number == 1:
            WAITING.labels(what).set(time.time())
            log.warning(f"waiting for {what}", reason=str(error))
        else:
            log.debug(f"still waiting for {what}", reason=str(error))

    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(OutageError),
        wait=tenacity.wait_exponential(multiplier=first_delay, max=longest_delay),
        stop=tenacity.stop_never,
        before_sleep=tell,
    )

    try:
        result: T = await retrying(awaited(operation))
    finally:
        with suppress(KeyError):
            WAITING.remove(what)
    if retrying.statistics.get("attempt_number", 1) > 1:
        seconds = round(float(retrying.statistics["delay_since_first_attempt"]), 1)
        log.info(f"{what} is back", waited_seconds=seconds)
    return result


def awaited(operation: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """The operation as a coroutine function, which tenacity wants."""

    async def attempt() -> T:
        return await operation()

    return attempt


def waits() -> list[str]:
    """What this process waits for just now, in words."""
    samples = [sample for metric in WAITING.collect() for sample in metric.samples]
    return [sample.labels["what"] for sample in samples]
