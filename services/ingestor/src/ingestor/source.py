"""The port through which batches come from the outside world."""

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from relevo_contracts.events import Sha256


class Offer(BaseModel):
    """A released batch, as its source lists it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = Field(ge=1)
    sha256: Sha256
    released_at: AwareDatetime


class Listing(BaseModel):
    """What is released, and when the next batch is due by the source's own clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    now: AwareDatetime
    next_due: AwareDatetime | None
    batches: tuple[Offer, ...]

    def untaken(self, taken: set[int]) -> list[Offer]:
        """The offers with other numbers than those taken, in order."""
        offers = {offer.number: offer for offer in self.batches}
        return [offers[number] for number in sorted(offers.keys() - taken)]

    def seconds_until_due(self) -> float | None:
        """From the listing to the next batch; None when there is no more.

        The difference of two times of one clock: ours may stand elsewhere.
        """
        if self.next_due is None:
            return None
        return (self.next_due - self.now).total_seconds()


class SourceAsleepError(Exception):
    """The source gives no answer and is not expected to: it sleeps by plan."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"it sleeps until {until.isoformat()}")
        self.until = until


class Source(Protocol):
    """Lists its batches and hands them out; OutageError while it is away."""

    async def listing(self) -> Listing:
        """What is released by now."""

    async def fetch(self, offer: Offer, *, max_bytes: int) -> bytes:
        """The batch as Parquet.

        Raises PoisonError as soon as more bytes come than that, and FileNotFoundError
        when the source does not have (or no longer has) what it offered.
        """

    def url(self, offer: Offer) -> str:
        """The batch's address, for people; without a password."""


def unix_seconds(time: datetime | None) -> float:
    """For a gauge; 0 where there is no time."""
    return time.timestamp() if time else 0.0
