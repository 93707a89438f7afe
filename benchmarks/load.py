"""A load generator: one request over keep-alive connections, closed loop.

It is Python's own event loop with a protocol that does nothing but count, so it is the same
for every server that it is pointed at; figures are for ratios, not for records.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass

END_OF_HEADERS = b"\r\n\r\n"


@dataclass(frozen=True)
class Load:
    """What a server did under load: requests per second, latencies in milliseconds."""

    requests: int
    failures: int
    rps: float
    p50_ms: float
    p99_ms: float


class Caller(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last one is whole."""

    def __init__(self, request: bytes, deadline: float) -> None:
        self.request = request
        self.deadline = deadline
        self.latencies: list[float] = []
        self.failures = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(END_OF_HEADERS)
        if not found or len(body) < _content_length(head):
            return
        now = time.perf_counter()
        self.latencies.append(now - self._sent_at)
        self.failures += b" 200 " not in head[:15]
        self._buffer = b""
        if now < self.deadline:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failures += exc is not None
        if not self.done.done():
            self.done.set_result(None)


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as bytes on the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def load(port: int, request: bytes, *, connections: int, seconds: float) -> Load:
    """Call 127.0.0.1:port for that many seconds over that many connections."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    callers = []
    for _ in range(connections):
        _, caller = await loop.create_connection(
            lambda: Caller(request, started + seconds), "127.0.0.1", port
        )
        callers.append(caller)
    await asyncio.gather(*(caller.done for caller in callers))
    elapsed = time.perf_counter() - started
    latencies = sorted(value for caller in callers for value in caller.latencies)
    cuts = statistics.quantiles(latencies, n=100)
    return Load(
        requests=len(latencies),
        failures=sum(caller.failures for caller in callers),
        rps=len(latencies) / elapsed,
        p50_ms=cuts[49] * 1000,
        p99_ms=cuts[98] * 1000,
    )
