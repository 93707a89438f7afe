"""Which batches are released when: a pure function of epoch, interval and now."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Plan:
    """Batch 1 at the epoch, then one more every interval, until all are out.

    Times are exact to the microsecond, so that what is announced as due is released at
    that very moment and a restart with the same epoch changes nothing.
    """

    epoch: datetime
    interval: timedelta
    total: int

    def due(self, number: int) -> datetime:
        """When the batch of that number (from 1) is released."""
        return self.epoch + (number - 1) * self.interval

    def released(self, now: datetime) -> int:
        """How many batches are released."""
        if now < self.epoch:
            return 0
        return min((now - self.epoch) // self.interval + 1, self.total)

    def next_due(self, now: datetime) -> datetime | None:
        """When the next batch is released; None after the last one."""
        released = self.released(now)
        return self.due(released + 1) if released < self.total else None
