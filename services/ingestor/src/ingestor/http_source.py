"""A data source that speaks HTTP as services/data-api does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from pydantic import ValidationError

from ingestor.metrics import FETCH_SECONDS, SOURCE_UP
from ingestor.source import Listing, Offer
from relevo_contracts import OutageError, PoisonError

NAMELESS = "batches"
PARQUET = "application/vnd.apache.parquet"
SILENCE_SECONDS = 15.0
FETCH_LIMIT_SECONDS = 300.0
LISTING_MAX_BYTES = 4 * 1024 * 1024


class HttpSource:
    """Source of one dataset, over an httpx client whose base URL is the source's.

    is_alone: no other dataset is asked for there. Then a source that knows of no
    datasets may have this one, at the routes without a name.
    """

    def __init__(
        self, client: httpx.AsyncClient, dataset: str, *, is_alone: bool = False
    ) -> None:
        self._client = client
        self._dataset = dataset
        self._is_alone = is_alone
        self._batches = self._named = f"datasets/{dataset}/batches"
        self._up = SOURCE_UP.labels(dataset)

    async def listing(self) -> Listing:
        try:
            return Listing.model_validate_json(await self._listed())
        except (ValidationError, PoisonError, FileNotFoundError) as error:
            self._up.set(0)
            text = f"{self._root} lists no batches of {self._dataset}: {error}"
            raise OutageError(text) from error

    async def fetch(self, offer: Offer, *, max_bytes: int) -> bytes:
        with FETCH_SECONDS.labels(self._dataset).time():
            path = f"{self._batches}/{offer.number}"
            return await self._get(path, accept=PARQUET, max_bytes=max_bytes)

    def url(self, offer: Offer) -> str:
        return f"{self._root}/{self._batches}/{offer.number}"

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
        return await self._get(path, accept="application/json", max_bytes=LISTING_MAX_BYTES)

    @property
    def _root(self) -> str:
        return str(self._client.base_url).rstrip("/")

    async def _get(self, path: str, *, accept: str, max_bytes: int) -> bytes:
        async with (
            self._reaching(),
            self._client.stream("GET", path, headers={"Accept": accept}) as response,
        ):
            absent = response.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
            if response.status_code != HTTPStatus.OK and not absent:
                raise OutageError(f"{self._root} answered {response.status_code}")
            self._up.set(1)
            if absent:
                raise FileNotFoundError(f"{self._root} has no {path!r}")
            return await _read(response, max_bytes=max_bytes)

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(FETCH_LIMIT_SECONDS):
                yield
        except (httpx.TransportError, TimeoutError) as error:
            self._up.set(0)
            raise OutageError(f"{self._root} is away: {error!r}") from error
        except OutageError:
            self._up.set(0)
            raise


async def _read(response: httpx.Response, *, max_bytes: int) -> bytes:
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > max_bytes:
            raise PoisonError(f"more than {max_bytes:,} bytes were sent")
    return bytes(content)


@asynccontextmanager
async def open_source(
    url: str, dataset: str, *, is_alone: bool = False
) -> AsyncIterator[HttpSource]:
    """The dataset's source at that address; opened without asking whether it is there.

    The address alone says where it is: no proxy of the environment, no redirects. A
    name and password in it are sent, and kept out of every message and log line.
    """
    address = httpx.URL(url)
    async with httpx.AsyncClient(
        base_url=address.copy_with(userinfo=b""),
        auth=(address.username, address.password) if address.userinfo else None,
        headers={"Accept-Encoding": "identity", "User-Agent": "relevo-ingestor"},
        timeout=SILENCE_SECONDS,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield HttpSource(client, dataset, is_alone=is_alone)
