"""The port that knows when the data source is expected to be awake, and its adapters."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol, Self
from zoneinfo import ZoneInfo

PATTERN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)")


class SourceClock(Protocol):
    """When the source should answer. Times are aware of their zone."""

    def asleep_until(self, now: datetime, /) -> datetime | None:
        """When it wakes, if it sleeps by plan; None while it is expected to answer."""


class AlwaysAwake:
    """A source that is expected to answer at any time."""

    def asleep_until(self, _: datetime, /) -> datetime | None:
        return None


@dataclass(frozen=True)
class DailyClock:
    """A source that wakes and sleeps at the same times each day, by its zone's clocks."""

    wakes: time
    sleeps: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str) -> Self:
        """ "08:55-23:55 America/Lima"; raises ValueError for anything else."""
        found = PATTERN.fullmatch(text.strip())
        try:
            if not found:
                raise ValueError("another form")
            wakes, sleeps = (time.fromisoformat(each) for each in found.group(1, 2))
            if wakes == sleeps:
                raise ValueError("it never sleeps")
            return cls(wakes, sleeps, ZoneInfo(found[3]))
        except (ValueError, OSError, KeyError) as error:
            example = "08:55-23:55 America/Lima"
            raise ValueError(f"no plan as {example!r}: {text!r} ({error})") from error

    def asleep_until(self, now: datetime, /) -> datetime | None:
        local = now.astimezone(self.zone)
        if self._awake(local.time()):
            return None
        day = local.date()
        if local.time() >= self.wakes:
            day += timedelta(days=1)
        return datetime.combine(day, self.wakes, self.zone)

    def _awake(self, at: time) -> bool:
        if self.wakes < self.sleeps:
            return self.wakes <= at < self.sleeps
        return at >= self.wakes or at < self.sleeps


def source_clock(plan: str) -> SourceClock:
    """The clock of that plan; without one the source is always awake."""
    return DailyClock.parse(plan) if plan.strip() else AlwaysAwake()
