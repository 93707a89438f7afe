"""The HTTP server of every service: uvicorn, whose end is slow."""

import asyncio
import signal
import socket
import time
from types import FrameType

import uvicorn

from relevo_runtime.http.life import STOP
from relevo_runtime.http.watchdog import watched

CLOSE = (b"connection", b"close")


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
