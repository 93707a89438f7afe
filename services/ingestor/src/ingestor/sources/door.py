"""A source's door over HTTP: a question, a bounded answer, and which failure is which."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus

import httpx

from ingestor.metrics import FETCH_SECONDS
from ingestor.reading.forms import shown
from ingestor.sources.port import StrangeAnswerError
from relevo_contracts import OutageError, PoisonError

SILENCE_SECONDS = 15.0
FETCH_LIMIT_SECONDS = 300.0
REASON_MAX_BYTES = 4096
PASSING = frozenset({401, 403, 406, 408, 425, 429})
"""Answers below 500 that time or a person sets right at the source."""

BROKEN_OFF = ("peer closed connection", "disconnected")
"""What httpx says of an answer that ended early, which may be a server's death."""


class NothingMoreError(Exception):
    """The source has answered that there is nothing (400); the text is its own."""


class Door:
    """What is asked for one dataset. root: the source's address, without a password."""

    def __init__(self, client: httpx.AsyncClient, root: str, dataset: str) -> None:
        self._client = client
        self.root = root
        self._fetch_seconds = FETCH_SECONDS.labels(dataset)

    def timed(self) -> AbstractContextManager[object]:
        """For the fetching of a batch."""
        return self._fetch_seconds.time()

    async def get(self, path: str, *, accept: str, max_bytes: int) -> bytes:
        """The body that is answered at a path of it; "": at the address itself.

        Raises OutageError while it is away, StrangeAnswerError for an answer that no such
        source gives, FileNotFoundError for what it does not have, NothingMoreError for
        400, and PoisonError as soon as more bytes come than that.
        """
        url = f"{self.root}/{path}" if path else self.root
        async with (
            self._reaching(),
            self._client.stream("GET", url, headers={"Accept": accept}) as response,
        ):
            match response.status_code:
                case HTTPStatus.OK:
                    return await _read(response, max_bytes=max_bytes)
                case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                    raise FileNotFoundError(f"there is no {url} ({response.status_code})")
                case HTTPStatus.BAD_REQUEST:
                    raise NothingMoreError(await _beginning(response))
                case status if status >= 500 or status in PASSING:
                    raise OutageError(f"{self.root} answered {status}")
                case status:
                    raise StrangeAnswerError(f"{self.root} answered {status}")

    @asynccontextmanager
    async def _reaching(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(FETCH_LIMIT_SECONDS):
                yield
        except httpx.RemoteProtocolError as error:
            if any(words in str(error) for words in BROKEN_OFF):
                raise OutageError(f"{self.root} is away: {error!r}") from error
            raise StrangeAnswerError(f"{self.root} speaks no HTTP: {error}") from error
        except (httpx.TransportError, TimeoutError) as error:
            raise OutageError(f"{self.root} is away: {error!r}") from error


async def _read(response: httpx.Response, *, max_bytes: int) -> bytes:
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > max_bytes:
            raise PoisonError(f"more than {max_bytes:,} bytes were sent")
    return bytes(content)


async def _beginning(response: httpx.Response) -> str:
    content = b""
    async for piece in response.aiter_raw():
        content += piece
        if len(content) >= REASON_MAX_BYTES:
            break
    return shown(content)


@asynccontextmanager
async def open_door(url: str, dataset: str) -> AsyncIterator[Door]:
    """The door at that address; opened without asking whether anybody is there.

    The address alone says where it is: no proxy of the environment, no redirects. A
    name and password in it are sent, and kept out of every message and log line.
    """
    address = httpx.URL(url)
    async with httpx.AsyncClient(
        auth=(address.username, address.password) if address.userinfo else None,
        headers={"Accept-Encoding": "identity", "User-Agent": "relevo-ingestor"},
        timeout=SILENCE_SECONDS,
        follow_redirects=False,
        trust_env=False,
    ) as client:
        root = str(address.copy_with(userinfo=b"")).rstrip("/")
        yield Door(client, root, dataset)
