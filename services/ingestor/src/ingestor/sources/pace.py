"""A source that is asked only now and then, as each question takes something out of it."""

import time
from collections.abc import Callable


class Pace:
    """When such a source may be asked again; after a restart at once."""

    def __init__(self, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.every = every
        self._clock = clock
        self._next = clock()

    @property
    def left(self) -> float:
        """Seconds until it may be asked."""
        return self._next - self._clock()

    def begin(self) -> None:
        """It is being asked now."""
        self._next = self._clock() + self.every
