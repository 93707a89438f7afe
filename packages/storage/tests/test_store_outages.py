"""An S3 server that is away, silent or unwilling is an outage, and its return is seen."""

import asyncio
import signal
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from minio.error import S3Error

from relevo_contracts import OutageError
from relevo_local.places.ports import free_port, free_ports
from relevo_local.servers import S3Address, SeaweedFS
from relevo_local.supervising.starting import running
from relevo_storage import open_store
from relevo_storage.fakes import MemoryStore

T = TypeVar("T")

REGION = b"<LocationConstraint/>"
ERROR = "<Error><Code>{code}</Code><Message>m</Message></Error>"


def address_at(port: int) -> S3Address:
    url = f"http://127.0.0.1:{port}"
    return S3Address(endpoint_url=url, access_key="k", secret_key="s", bucket="batches")


@contextmanager
def answering(status: int, body: str, content_type: str) -> Iterator[S3Address]:
    """An HTTP server that has the bucket, and this one answer for every object."""

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def do_GET(self) -> None:
            asks_for_region = "location" in self.path
            content = REGION if asks_for_region else body.encode()
            self.send_response(200 if asks_for_region else status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield address_at(server.server_port)
        finally:
            server.shutdown()
            thread.join()


async def eventually(call: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as the outage is over; nothing but an OutageError before."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await call()
            except OutageError:
                await asyncio.sleep(0.1)


async def test_an_absent_server_is_an_outage_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(OutageError, match="refused"):
        async with open_store(address_at(free_port()).settings):
            pass

    assert time.monotonic() - started < 2


async def test_a_name_that_nobody_knows_is_an_outage() -> None:
    address = address_at(1).model_copy(update={"endpoint_url": "http://absent.invalid"})

    with pytest.raises(OutageError):
        async with open_store(address.settings):
            pass


@pytest.mark.parametrize(
    ("status", "body", "content_type"),
    [
        (500, ERROR.format(code="InternalError"), "application/xml"),
        (503, ERROR.format(code="SlowDown"), "application/xml"),
        (507, ERROR.format(code="XMinioStorageFull"), "application/xml"),
        (403, ERROR.format(code="AccessDenied"), "application/xml"),
        (404, ERROR.format(code="NoSuchBucket"), "application/xml"),
        (502, "<html>Bad Gateway</html>", "text/html"),
        (404, "not S3", "text/plain"),
    ],
)
async def test_an_unwilling_server_is_an_outage(
    status: int, body: str, content_type: str
) -> None:
    with answering(status, body, content_type) as address:
        async with open_store(address.settings) as store:
            with pytest.raises(OutageError):
                await store.get("raw/a")


async def test_a_request_that_can_never_succeed_is_no_outage() -> None:
    error = ERROR.format(code="KeyTooLongError")
    with answering(400, error, "application/xml") as address:
        async with open_store(address.settings) as store:
            with pytest.raises(S3Error, match="KeyTooLongError"):
                await store.get("raw/a")


async def test_a_content_that_breaks_off_is_an_outage() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        length = 1000 if b"/raw/a" in request else len(REGION)
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % length)
        writer.write(b"" if request.startswith(b"HEAD") else REGION)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with open_store(address_at(port).settings) as store:
            with pytest.raises(OutageError):
                await store.get("raw/a")


async def test_a_silent_server_is_an_outage_and_never_stops_the_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relevo_storage.minio_store.ANSWER_SECONDS", 1.0)
    silent = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    async def fail() -> None:
        with pytest.raises(OutageError, match="timed out"):
            async with open_store(address_at(port).settings):
                pass

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        failing = asyncio.create_task(fail())
        longest = 0.0
        while not failing.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        silent.set()
        await failing

    assert longest < 0.8  # blocked, it would be the 1 s of the answer


@pytest.mark.servers
@pytest.mark.parametrize("wrong", ["access_key", "secret_key"])
async def test_a_server_that_refuses_our_keys_is_an_outage(
    s3: S3Address, wrong: str
) -> None:
    address = s3.model_copy(update={wrong: "wrong" * 4})

    with pytest.raises(OutageError):
        async with open_store(address.settings):
            pass


@pytest.mark.servers
async def test_a_bucket_that_is_missing_is_made_by_whoever_comes_first(
    s3: S3Address,
) -> None:
    address = s3.model_copy(update={"bucket": f"new-{uuid.uuid4().hex[:12]}"})

    async def put(key: str) -> None:
        async with open_store(address.settings) as store:
            await store.put(key, b"a")

    await asyncio.gather(*(put(f"a/{racer}") for racer in range(4)))

    async with open_store(address.settings) as store:
        assert all([await store.exists(f"a/{racer}") for racer in range(4)])


@pytest.mark.servers
async def test_a_server_that_was_killed_is_used_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    server = SeaweedFS(tmp_path, tuple(free_ports(10)))
    log = tmp_path / "s3.log"
    with running(server, log) as child:
        async with open_store(server.address.settings) as store:
            await store.put("raw/a", b"before")
            psutil.Process(child.pid).send_signal(signal.SIGKILL)
            psutil.wait_procs([psutil.Process(child.pid)], timeout=5)

            with pytest.raises(OutageError):
                await store.get("raw/a")
            with pytest.raises(OutageError):
                await store.exists("raw/a")
            with pytest.raises(OutageError):
                await store.put("raw/b", b"during")

            with running(server, log):
                assert await eventually(lambda: store.get("raw/a")) == b"before"
                await eventually(lambda: store.put("raw/b", b"after"))
                assert await store.get("raw/b") == b"after"


async def test_the_fake_can_be_away_too() -> None:
    store = MemoryStore()
    await store.put("raw/a", b"before")
    store.away = True

    for call in (store.get("raw/a"), store.exists("raw/a"), store.put("raw/a", b"")):
        with pytest.raises(OutageError):
            await call

    store.away = False
    assert await store.get("raw/a") == b"before"
