"""The server cuts clients that are too slow, and goes on for a while after SIGTERM."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from relevo_local.places.ports import free_port
from relevo_runtime.http.connections import PunctualProtocol
from relevo_runtime.testing import eventually

SAMPLE = Path(__file__).with_name("sample_service.py")
GET = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Hasty(PunctualProtocol):
    """Of little patience, so that the tests need little too."""

    head_seconds = 0.3
    reading_seconds = 0.3


@pytest.fixture
async def server() -> AsyncIterator[uvicorn.Server]:
    """A server whose answers are small, or large."""

    async def large(_: Request) -> Response:
        return Response(b"x" * 20_000_000)

    async def small(_: Request) -> Response:
        return Response(b"x")

    app = Starlette(routes=[Route("/", small), Route("/large", large)])
    config = uvicorn.Config(
        app, port=free_port(), http=Hasty, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")
    yield server
    server.should_exit = True
    await serving


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    return server.config.port


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def is_cut(reader: asyncio.StreamReader) -> bytes:
    """What came until the server closed the connection, which it does soon."""
    async with asyncio.timeout(5):
        return await reader.read(-1)


@pytest.mark.parametrize("begun", [b"", b"G", b"GET / HTTP/1.1\r\nhost: te"])
async def test_a_client_that_sends_no_whole_head_is_cut(port: int, begun: bytes) -> None:
    async with connected(port) as (reader, writer):
        writer.write(begun)

        assert await is_cut(reader) == b""


async def test_a_client_that_drips_its_head_is_cut_all_the_same(port: int) -> None:
    async with connected(port) as (reader, writer):
        cut = asyncio.create_task(is_cut(reader))
        for byte in GET:
            if cut.done():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

        assert await cut == b""


async def test_a_second_head_on_a_connection_has_its_own_time(port: int) -> None:
    async with connected(port) as (reader, writer):
        for _ in range(5):
            writer.write(GET)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(1) == b"x"
            await asyncio.sleep(0.1)
        writer.write(GET[:10])

        assert await is_cut(reader) == b""


async def test_a_client_that_does_not_read_its_answer_is_cut(
    server: uvicorn.Server, port: int
) -> None:
    open_ones = server.server_state.connections
    async with connected(port) as (reader, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await eventually(lambda: len(open_ones) == 1, "the server has the connection")
        writer.write(GET.replace(b"/ ", b"/large "))
        await eventually(lambda: not open_ones, "the server gives the connection up")
        writer.transport.resume_reading()  # type: ignore[attr-defined]

        assert len(await is_cut(reader)) < 20_000_000


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_a_problem_too(port: int, garbage: bytes) -> None:
    async with connected(port) as (reader, writer):
        writer.write(garbage)
        answer = await is_cut(reader)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer


@pytest.mark.slow
async def test_after_sigterm_a_service_is_not_ready_answers_for_a_while_and_ends() -> None:
    port = free_port()
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        "HTTP_PORT": str(port),
        "STOP_DELAY_SECONDS": "1",
        "HTTP_IDLE_SECONDS": "1",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, SAMPLE, "sample", "work"), env=dict(os.environ) | settings
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/health")).status_code == 200
                except httpx.TransportError:
                    return False

            async def is_stopping() -> bool:
                answer = await client.get("/ready")
                assert answer.status_code == 503
                return bool(answer.json() == {"reason": "stopping"})

            await eventually(answers, "it lives", seconds=30)
            async with connected(port) as (reader, writer):
                writer.write(GET.replace(b"GET /", b"HEAD /health"))
                head = await is_cut(reader)  # as it is idle
                assert head.startswith(b"HTTP/1.1 200")
                assert b"x-relevo-pod: " in head
            process.send_signal(signal.SIGTERM)
            await eventually(is_stopping, "it says that it stops")
            answer = await client.get("/health")

            assert answer.status_code == 200
            assert answer.headers["connection"] == "close"
            async with asyncio.timeout(10):
                assert await process.wait() in {0, -signal.SIGTERM}
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
