"""What is fitted is not thrown away because a server is away: the job waits in place."""

from collections.abc import Callable
from typing import TypeVar

import tenacity

from relevo_contracts import OutageError
from relevo_contracts.errors import is_disk_full
from trainer.learning.stages import Stages

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 5.0
T = TypeVar("T")


def outlasting(operation: Callable[[], T], stages: Stages) -> T:
    """The operation's result, after all outages and full disks; each is told.

    There is no limit: the service knows whether the job shall go on, and ends the process.
    """

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        stages.waits(str(error))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passes),
        wait=tenacity.wait_exponential(multiplier=FIRST_SECONDS, max=LONGEST_SECONDS),
        before_sleep=tell,
    )
    return retrying(operation)


def _passes(error: BaseException) -> bool:
    return isinstance(error, OutageError) or is_disk_full(error)
