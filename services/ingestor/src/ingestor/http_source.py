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

PARQUET = "application/vnd.apache.parquet"
SILENCE_SECONDS = 15.0
FETCH_LIMIT_SECONDS = 300.0
LISTING_MAX_BYTES = 4 * 1024 * 1024


class HttpSource:
    """Source over an httpx client whose base URL is the source's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def listing(self) -> Listing:
        try:
            content = await self._get(
                "batches", accept="application/json", max_bytes=LISTING_MAX_BYTES
            )
            return Listing.model_validate_json(content)
        except (ValidationError, PoisonError, FileNotFoundError) as error:
            SOURCE_UP.set(0)
            raise OutageError(f"{self._root} lists no batches: {error}") from error

    async def fetch(self, offer: Offer, *, max_bytes: int) -> bytes:
        with FETCH_SECONDS.time():
            return await self._get(
                f"batches/{offer.number}", accept=PARQUET, max_bytes=max_bytes
            )

    def url(self, offer: Offer) -> str:
        return f"{self._root}/batches/{offer.number}"

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
            SOURCE_UP.set(1)
            if absent:
                raise FileNotFoundError(f"{self._root} has no {path!r}")
            return await _read(response, max_bytes=max_bytes)

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(FETCH_LIMIT_SECONDS):
                yield
        except (httpx.TransportError, TimeoutError) as error:
            SOURCE_UP.set(0)
            raise OutageError(f"{self._root} is away: {error!r}") from error
        except OutageError:
            SOURCE_UP.set(0)
            raise


async def _read(response: httpx.Response, *, max_bytes: int) -> bytes:
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > max_bytes:
            raise PoisonError(f"more than {max_bytes:,} bytes were sent")
    return bytes(content)


@asynccontextmanager
async def open_source(url: str) -> AsyncIterator[HttpSource]:
    """The source at that address; opened without asking whether it is there.

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
        yield HttpSource(client)
