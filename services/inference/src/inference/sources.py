"""Whether the data sources are available, by what the ingestor told last."""

from datetime import datetime
from typing import Literal

from relevo_contracts import Envelope, SourceSeen

Status = Literal["available", "unavailable", "unknown"]


class Sources:
    """What was last heard of each source; nobody is asked."""

    def __init__(self) -> None:
        self._seen: dict[str, SourceSeen] = {}

    async def hear(self, event: SourceSeen, _: Envelope, __: int) -> None:
        """Keep the newest of each source."""
        self._seen[event.source] = event

    def status(self, now: datetime) -> Status:
        """ "unavailable" if one is, "unknown" if of none anything valid was heard."""
        valid = {seen.status for seen in self._seen.values() if now < seen.valid_until}
        if "unavailable" in valid:
            return "unavailable"
        return "available" if valid else "unknown"
