"""Heads have bounds, offers to upgrade are declined, and refusals reach who still sends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relevo_local.places.ports import free_port
from relevo_runtime.http.connections import PunctualProtocol
from relevo_runtime.testing import eventually

POST = b"POST / HTTP/1.1\r\nhost: test\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
HELLO = b"content-length: 5\r\n\r\nhello"
OFFER = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Hasty(PunctualProtocol):
    """Of little patience, so that the tests need little too."""

    head_seconds = 1.0
    linger_seconds = 1.0


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that says what it was sent, but refuses all at /closed."""

    async def echo(request: Request) -> Response:
        return Response(await request.body())

    async def refuse(_: Request) -> Response:
        return Response(b"too large", 413)

    routes = [Route("/", echo, methods=["POST"]), Route("/no", refuse, methods=["POST"])]
    config = uvicorn.Config(
        Starlette(routes=routes),
        port=free_port(),
        http=Hasty,
        ws="none",
        log_config=None,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")
    yield config.port
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()


async def answer_on(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The status and the body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(POST + b"x: " + b"y" * 70_000 + b"\r\n" + HELLO, id="one field"),
        pytest.param(POST + b"x: y\r\n" * 100 + HELLO, id="101 fields"),
        pytest.param(POST + b"a: b\r\n" * 50_000, id="fields without an end"),
        pytest.param(POST + b"x: " + b"y" * 300_000, id="a field without an end"),
        pytest.param(b"POST /" + b"y" * 300_000, id="a path without an end"),
        pytest.param(CHUNKED + b"a: b\r\n" * 200_000, id="trailers"),
        pytest.param(CHUNKED[:-3] + b"5;" + b"x" * 200_000, id="a chunk's extension"),
    ],
)
async def test_a_head_and_all_that_is_like_one_has_bounds(
    port: int, request_: bytes
) -> None:
    async with connected(port) as (reader, writer):
        writer.write(request_)
        status, body = await answer_on(reader)

        assert (status, b"65536 bytes and 100 fields" in body) == (431, True)
        assert await reader.read() == b""


async def test_a_head_within_the_bounds_is_taken(port: int) -> None:
    async with connected(port) as (reader, writer):
        for _ in range(3):
            writer.write(POST + b"a: bcd\r\n" * 98 + HELLO)
            writer.write(POST + b"x: " + b"y" * 65_000 + b"\r\n" + HELLO)

            assert await answer_on(reader) == (200, b"hello")
            assert await answer_on(reader) == (200, b"hello")


@pytest.mark.parametrize("cut", [0, 30, len(POST + OFFER) + 25, len(POST + OFFER) + 27])
async def test_an_offer_to_upgrade_is_declined_with_the_body_intact(
    port: int, cut: int
) -> None:
    request = POST + OFFER + HELLO
    async with connected(port) as (reader, writer):
        for _ in range(2):  # the connection goes on as it was
            writer.write(request[:cut])
            await asyncio.sleep(0.05)
            writer.write(request[cut:] + POST + HELLO)

            assert await answer_on(reader) == (200, b"hello")
            assert await answer_on(reader) == (200, b"hello")


async def test_an_offer_of_a_body_in_chunks_and_of_none(port: int) -> None:
    async with connected(port) as (reader, writer):
        writer.write(CHUNKED.replace(b"host: test\r\n", OFFER) + b"\r\n")
        assert await answer_on(reader) == (200, b"hello")
        writer.write(POST + OFFER + b"\r\n")
        assert await answer_on(reader) == (200, b"")
        writer.write(POST.replace(b"POST /", b"CONNECT x:1") + OFFER + b"\r\n")
        assert (await answer_on(reader))[0] == 400


@pytest.mark.parametrize("close", [b"", b"connection: close\r\n"])
async def test_a_refusal_reaches_a_client_that_sends_all_before_it_reads(
    port: int, close: bytes
) -> None:
    body = b"x" * 20_000_000
    head = b"POST /no HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n" % (close, len(body))
    async with connected(port) as (reader, writer):
        writer.write(head + body)
        await writer.drain()
        await asyncio.sleep(0.1)

        assert await answer_on(reader) == (413, b"too large")
        if close:
            assert await reader.read() == b""
        else:
            writer.write(POST + HELLO)
            assert await answer_on(reader) == (200, b"hello")


@pytest.mark.parametrize("close", [b"", b"connection: close\r\n"])
async def test_who_goes_on_sending_after_a_refusal_is_cut_in_the_end(
    port: int, close: bytes
) -> None:
    async with connected(port) as (reader, writer):
        writer.write(b"POST /no HTTP/1.1\r\n%bcontent-length: 999999\r\n\r\n" % close)
        assert (await answer_on(reader))[0] == 413

        with pytest.raises(ConnectionError):
            await send_for_ever(writer)


async def send_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)
