"""What must hold is compared with where it is kept, at start and on a slow timer.

Whatever had to be mended is a line in the log and counts: nothing is mended in silence.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from relevo_contracts import OutageError
from relevo_contracts.errors import SetupError
from relevo_runtime.metrics import RECONCILED

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reconciliation:
    """Something that must hold.

    what: what is mended, in one word, for log and metric. mend: compares, mends, and
    yields each thing that it mended, in words.
    """

    what: str
    mend: Callable[[], AsyncIterator[str]]


@asynccontextmanager
async def reconciling(*these: Reconciliation, every: float) -> AsyncIterator[None]:
    """Each is looked at now and every so many seconds, until the context is left.

    None waits for another. What an outage or a bug prevents is looked at again next time.
    """
    begin_counting(*(each.what for each in these))
    tasks = [asyncio.create_task(_keep(each, every)) for each in these]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def begin_counting(*whats: str) -> None:
    """With 0: a counter that appears with 1 shows no increase."""
    for what in whats:
        RECONCILED.labels(what)


def mended(what: str, thing: str) -> None:
    """Something did not hold, and does now."""
    RECONCILED.labels(what).inc()
    log.warning(f"mended: {what}", thing=thing)


async def _keep(this: Reconciliation, every: float) -> None:
    while True:
        try:
            async for thing in this.mend():
                mended(this.what, thing)
        except (OutageError, ConnectionError) as error:
            log.warning(f"{this.what}: not compared this time", reason=str(error))
        except SetupError as error:
            log.error(f"{this.what}: only a person can mend it", reason=str(error))
        except Exception as error:  # whatever it is: nobody would miss a loop that ended
            log.exception(f"{this.what}: not compared this time", reason=repr(error))
        await asyncio.sleep(every)
