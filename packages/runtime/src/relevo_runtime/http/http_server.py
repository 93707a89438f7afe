"""The HTTP server of every service: uvicorn, whose patience ends, and whose end is slow."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from relevo_runtime.http.life import STOP
from relevo_runtime.http.watchdog import watched

CLOSE = (b"connection", b"close")
NOT_HTTP = json.dumps(
    {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "this is not HTTP/1.1 as it should be",
    }
).encode()


class PunctualProtocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """Cuts clients that uvicorn would wait for: for a head, or until an answer is read.

    A body is waited for by the application, an idle connection by uvicorn itself.
    """

    head_seconds = 10.0
    """From the first byte, or the connection, until the head of a request is whole."""
    reading_seconds = 30.0
    """How long a client may take no byte of an answer that waits for it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._head = Deadline(self.loop, self.head_seconds, self.transport.close)
        self._reading = Deadline(self.loop, self.reading_seconds, self.transport.abort)
        self._head.start()

    def data_received(self, data: bytes) -> None:
        self._has_head = False
        super().data_received(data)
        if self._has_head:
            self._head.clear()
        elif self.cycle is None or self.cycle.response_complete:
            self._head.start()

    def on_headers_complete(self) -> None:
        self._has_head = True
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading.start()

    def resume_writing(self) -> None:
        self._reading.clear()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head.clear()
        self._reading.clear()
        super().connection_lost(exc)

    def send_400_response(self, _: str) -> None:
        """A problem (RFC 9457), as everywhere else."""
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(NOT_HTTP), NOT_HTTP)
        )
        self.transport.close()


class Deadline:
    """Acts once that many seconds after `start`, unless it is cleared before."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, seconds: float, act: Callable[[], None]
    ) -> None:
        self._call = partial(loop.call_later, seconds, act)
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Let the time run, if it does not run already."""
        self._timer = self._timer or self._call()

    def clear(self) -> None:
        """Nothing happens, until the next start."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class LingeringServer(uvicorn.Server):
    """A server that goes on for a while after SIGTERM, and says so.

    /ready is 503 at once, each answer closes its connection, and so balancers and clients
    are elsewhere when the listener closes. A second signal, or Ctrl-C, ends at once.
    Its loop is watched: one that stands still ends the process.
    """

    def __init__(
        self, config: uvicorn.Config, *, linger: float, watchdog_seconds: float = 0
    ) -> None:
        super().__init__(config)
        self._linger = linger
        self._watchdog_seconds = watchdog_seconds
        self._closes_at: float | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        with watched(asyncio.get_running_loop(), seconds=self._watchdog_seconds):
            await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        is_first = not self.should_exit and self._closes_at is None
        super().handle_exit(sig, frame)
        if self.started and is_first and sig == signal.SIGTERM:
            if tell := self.lifespan.state.get(STOP):
                tell()
            self.server_state.default_headers.append(CLOSE)
            self.should_exit = False
            self._closes_at = time.monotonic() + self._linger

    async def on_tick(self, counter: int) -> bool:
        if self._closes_at is not None and time.monotonic() >= self._closes_at:
            self.should_exit = True
        is_over = await super().on_tick(counter)
        if self._closes_at is not None and CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers.append(CLOSE)
        return is_over
