"""Which batches are released when: a pure function of epoch, interval and now."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Plan:
    """Batch 1 at the epoch, then one more every interval, until all are out.

    Times are exact to the microsecond, so that what is announced as due is released at
    that very moment and a restart with the same epoch changes nothing. `late`: batches
    that joined later, and when; none of them is released before that.
    """

    epoch: datetime
    interval: timedelta
    total: int
    late: Mapping[int, datetime] = field(default_factory=dict)

    def due(self, number: int) -> datetime:
        """When the batch of that number (from 1) is released."""
        planned = self.epoch + (number - 1) * self.interval
        return max(planned, self.late.get(number, planned))

    def released(self, now: datetime) -> int:
        """How many batches are released."""
        return bisect_right(range(1, self.total + 1), now, key=self.due)

    def next_due(self, now: datetime) -> datetime | None:
        """When the next batch is released; None after the last one."""
        released = self.released(now)
        return self.due(released + 1) if released < self.total else None
