"""What a numbered source lists: its released batches, and when the next one is due."""

import json
from datetime import datetime

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
)

from ingestor.sources.port import LONGEST_WAIT_SECONDS, UNTIMELY_SECONDS
from ingestor.sources.taken import Taken
from relevo_contracts.events import Sha256

LARGEST_NUMBER = 2**63 - 1
"""What the catalog can hold."""


class Offer(BaseModel):
    """A released batch, as its source lists it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = Field(ge=1, le=LARGEST_NUMBER)
    sha256: Sha256
    released_at: AwareDatetime

    @property
    def identity(self) -> str:
        """What the source calls it."""
        return str(self.number)


class Page(BaseModel):
    """A listing as it is sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    now: AwareDatetime
    next_due: AwareDatetime | None
    batches: tuple[JsonValue, ...]


class Listing(BaseModel):
    """What is released, and when the next batch is due by the source's own clock."""

    model_config = ConfigDict(frozen=True)

    now: datetime
    next_due: datetime | None
    batches: tuple[Offer, ...]
    senseless: tuple[str, ...] = ()

    @classmethod
    def read(cls, content: bytes) -> "Listing":
        """A listing; an offer that nobody can take is left out, and told in words.

        Raises ValidationError, also where all offers are such.
        """
        page = Page.model_validate_json(content)
        offers, senseless = [], []
        for each in page.batches:
            try:
                # as JSON: a time is a text there
                offers.append(Offer.model_validate_json(json.dumps(each)))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                where = ".".join(map(str, first["loc"]))
                senseless.append(f"{where}: {first['msg']}: {str(each)[:100]}")
        if senseless and not offers:
            raise ValueError("; ".join(senseless[:3]))
        return cls(
            now=page.now,
            next_due=page.next_due,
            batches=tuple({offer.number: offer for offer in offers}.values()),
            senseless=tuple(senseless),
        )

    def open(self, taken: Taken) -> list[Offer]:
        """The offers that are to be taken, in order."""
        offers = (o for o in self.batches if taken.is_new(o.identity, o.sha256))
        return sorted(offers, key=lambda offer: offer.number)

    def seconds_until_due(self) -> float:
        """From the listing to the next batch; one that is late is asked again soon.

        The difference of two times of one clock: ours may stand elsewhere.
        """
        if self.next_due is None:
            return LONGEST_WAIT_SECONDS
        seconds = (self.next_due - self.now).total_seconds()
        return seconds if seconds > 0 else UNTIMELY_SECONDS
