"""Whether the data sources are available, by what the ingestor told last."""

from datetime import datetime
from typing import Literal

from relevo_contracts import Envelope, SourceSeen

Status = Literal["available", "asleep", "unavailable", "unknown"]
WORST_FIRST: tuple[Status, ...] = ("unavailable", "asleep", "available")


class Sources:
    """What was last heard of each source; nobody is asked."""

    def __init__(self) -> None:
        self._seen: dict[str, SourceSeen] = {}

    async def hear(self, event: SourceSeen, _: Envelope, __: int) -> None:
        """Keep the newest of each source."""
        self._seen[event.source] = event

    def status(self, now: datetime) -> Status:
        """The worst of all; "unknown" if of none anything valid was heard."""
        views = {_view(seen, now) for seen in self._seen.values() if now < seen.valid_until}
        for status in WORST_FIRST:
            if status in views:
                return status
        return "unknown"


def _view(seen: SourceSeen, now: datetime) -> Status:
    """A source that sleeps by plan is not one that is broken."""
    if seen.asleep_until and now < seen.asleep_until:
        return "asleep"
    return seen.status
