"""A source that numbers its batches and lists them, as services/data-api does."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import structlog

from ingestor.metrics import NEXT_DUE
from ingestor.sources.changes import Changes
from ingestor.sources.door import Door, NothingMoreError
from ingestor.sources.listing import Listing, Offer
from ingestor.sources.port import (
    LONGEST_WAIT_SECONDS,
    UNTIMELY_SECONDS,
    Due,
    Parcel,
    StrangeAnswerError,
    unix_seconds,
)
from ingestor.sources.taken import Taken
from relevo_contracts import PoisonError

NAMELESS = "batches"
PARQUET = "application/vnd.apache.parquet"
LISTING_MAX_BYTES = 4 * 1024 * 1024
LOOKS = 3
"""A batch that is not what was listed may have been replaced in between."""

Sleep = Callable[[float], Awaitable[object]]
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class NumberedSource:
    """Source of one dataset.

    is_alone: no other dataset is asked for there. Then a source that knows of no
    datasets may have this one, at the routes without a name.
    """

    def __init__(
        self,
        door: Door,
        dataset: str,
        *,
        max_bytes: int,
        is_alone: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._door = door
        self._dataset = dataset
        self._max_bytes = max_bytes
        self._is_alone = is_alone
        self._sleep = sleep
        self._batches = self._named = f"datasets/{dataset}/batches"
        self._changes = Changes(dataset)
        self._told: tuple[str, ...] = ()
        self._in_vain = 0

    async def next(self, taken: Taken) -> Parcel | Due:
        listing = await self.listing()
        self._changes.note(taken, {o.identity: o.sha256 for o in listing.batches})
        why = "the next batch is due" if listing.next_due else "there are no more batches"
        due = Due(listing.seconds_until_due(), why=why)
        is_absent = False
        for offer in listing.open(taken):
            try:
                return await self._parcel(offer, taken)
            except FileNotFoundError as error:  # the later ones are there all the same
                log.warning("the source does not have what it offered", reason=str(error))
                since = min(offer.released_at, due.untaken_since or offer.released_at)
                seconds = min(self._patience, listing.seconds_until_due())
                due = Due(seconds, since, str(error))
                is_absent = True
        self._in_vain = self._in_vain + 1 if is_absent else 0
        return due

    @property
    def _patience(self) -> float:
        """Seconds until what was not there is asked for again: ever more."""
        return min(UNTIMELY_SECONDS * 2.0 ** min(self._in_vain, 9), LONGEST_WAIT_SECONDS)

    async def listing(self) -> Listing:
        """What is released by now; raises OutageError and StrangeAnswerError."""
        try:
            listing = Listing.read(await self._listed())
        except (ValueError, PoisonError, FileNotFoundError, NothingMoreError) as error:
            text = f"{self._door.root} lists no batches of {self._dataset}: {error}"
            raise StrangeAnswerError(text) from error
        NEXT_DUE.labels(self._dataset).set(unix_seconds(listing.next_due))
        if listing.senseless != self._told:
            log.warning("offers that nobody can take are left", reasons=listing.senseless)
            self._told = listing.senseless
        return listing

    async def _parcel(self, offer: Offer, taken: Taken) -> Parcel:
        """The offered batch; listed and asked anew where it is not what was listed.

        Raises FileNotFoundError when the source does not have it.
        """
        content, fault = await self._content(offer)
        for look in range(1, LOOKS):
            if fault is None or content is None:
                break
            await self._sleep(2.0 ** (look - 1))
            listed = {each.number: each for each in (await self.listing()).batches}
            offer = listed.get(offer.number, offer)
            content, fault = await self._content(offer)
        if not taken.is_new(offer.identity, offer.sha256):
            raise FileNotFoundError(f"batch {offer.number} is what it was before")
        return Parcel(
            identity=offer.identity,
            sha256=offer.sha256,
            content=content or b"",
            form="parquet",
            origin=f"{self._door.root}/{self._batches}/{offer.number}",
            released_at=offer.released_at,
            number=offer.number,
            fault=fault,
        )

    async def _content(self, offer: Offer) -> tuple[bytes | None, str | None]:
        """The bytes, None where they are too many, and why they are no batch."""
        path = f"{self._batches}/{offer.number}"
        try:
            with self._door.timed():
                content = await self._door.get(
                    path, accept=PARQUET, max_bytes=self._max_bytes
                )
        except PoisonError as error:
            return None, str(error)
        except NothingMoreError as error:
            raise FileNotFoundError(f"{path!r}: {error}") from error
        found = hashlib.sha256(content).hexdigest()
        if found == offer.sha256:
            return content, None
        return content, f"the bytes have SHA-256 {found}, offered was {offer.sha256}"

    async def _listed(self) -> bytes:
        self._batches = self._named
        try:
            return await self._get_json(self._named)
        except FileNotFoundError:
            if not self._is_alone or await self._knows_datasets():
                raise
        self._batches = NAMELESS
        return await self._get_json(NAMELESS)

    async def _knows_datasets(self) -> bool:
        try:
            await self._get_json("datasets")
        except FileNotFoundError:
            return False
        return True

    async def _get_json(self, path: str) -> bytes:
        return await self._door.get(
            path, accept="application/json", max_bytes=LISTING_MAX_BYTES
        )
