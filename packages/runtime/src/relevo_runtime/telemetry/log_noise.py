"""A filter for libraries that say the same thing a hundred times a second."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

NOISY = ("aiokafka", "kafka", "httpx")


@dataclass
class Heard:
    """When a message was let through last, and how often it came since."""

    at: float
    suppressed: int = 0


class NoiseFilter(logging.Filter):
    """Lets each distinct message of a noisy library through once per `seconds`.

    While a broker is away, aiokafka writes about a hundred lines a second; the first of
    each kind is kept, and the next one tells how many were left out.
    """

    def __init__(
        self, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._heard: dict[tuple[str, str], Heard] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.split(".", 1)[0] not in NOISY:
            return True
        now, kind = self._clock(), (record.name, str(record.msg))
        heard = self._heard.get(kind)
        if heard is not None and now - heard.at < self._seconds:
            heard.suppressed += 1
            return False
        if heard is not None and heard.suppressed:
            record.msg = f"{record.msg} (and {heard.suppressed} more of this kind)"
        self._heard[kind] = Heard(now)
        return True
