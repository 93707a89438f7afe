"""A rate: so many in a second, and so many at once after a while of none."""

import math
import time
from collections.abc import Callable


class Bucket:
    """A token for each request; they come back with time, up to `burst` of them.

    burst: None: as many as in a second, and one at least.
    """

    def __init__(
        self,
        per_second: float,
        burst: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = burst or max(1, math.ceil(per_second))
        self._clock = clock
        self._tokens = float(self._burst)
        self._at = clock()

    def take(self) -> bool:
        """A token; False when there is none."""
        now = self._clock()
        self._tokens += (now - self._at) * self._per_second
        self._at = now
        if self._tokens > self._burst:
            self._tokens = self._burst
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """The last token was taken for nothing."""
        self._tokens += 1

    @property
    def seconds(self) -> int:
        """Until there is a token again, in whole seconds, as of the last look."""
        return max(1, math.ceil((1 - self._tokens) / self._per_second))
