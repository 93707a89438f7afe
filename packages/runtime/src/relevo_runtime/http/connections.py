"""A connection of every service: heads have bounds, patience ends, refusals arrive."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.offers import without_offer

HEAD_BYTES = 2**16
"""Of a request line and its header fields, and of whatever else is sent around a body."""
HEAD_FIELDS = 100

NOT_HTTP = HTTPStatus.BAD_REQUEST, "this is not HTTP/1.1 as it should be"
TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the head of a request has {HEAD_BYTES} bytes and {HEAD_FIELDS} fields at most",
)


class PunctualProtocol(HttpToolsProtocol):
    """Bounds what uvicorn would take or wait for without end, and tells why it closes.

    Cut are clients that send no whole head, take no answer, or still send a body long after
    its answer. A body that is awaited is the application's to give up, an idle connection
    uvicorn's. An offer to go on in another protocol is declined: HTTP/1.1 goes on.
    For those protocols that answer by themselves: keys: who may ask, None: everybody;
    apart: the port of those who operate the service.
    """

    head_seconds = 10.0
    """From the first byte, or the connection, until the head of a request is whole."""
    reading_seconds = 30.0
    """How long a client may take no byte of an answer that waits for it."""
    linger_seconds = 30.0
    """How long the rest of a body is read, and dropped, after its answer."""

    def __init__(
        self, *, keys: KeyRing | None = None, apart: int | None = None, **of_uvicorn: Any
    ) -> None:
        super().__init__(**of_uvicorn)
        self._keys = keys
        self._apart = apart

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head = Deadline(self.loop, self.head_seconds, transport.close)
        self._reading = Deadline(self.loop, self.reading_seconds, transport.abort)
        self._rest = Deadline(self.loop, self.linger_seconds, transport.abort)
        self._farewell = Farewell(transport, self._end)
        self._unread = 0
        self._has_head = self._moves = False
        self._is_offer = self._is_leaving = False
        self._refusal = NOT_HTTP
        self._head.start()

    def data_received(self, data: bytes) -> None:
        if self._is_leaving:
            return
        self._unset_keepalive_if_required()
        self._has_head = self._moves = False
        self._unread += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._decline(data[offer.args[0] :])
            return
        except httptools.HttpParserError:
            self._refuse()
            return
        if self._has_head:
            self._unread = 0
            self._head.clear()
        elif self._moves:
            self._unread = 0
        elif self._unread > HEAD_BYTES:
            self._refusal = TOO_LARGE
            self._refuse()
        elif self.cycle is None or not (self.cycle.more_body or self._is_answering()):
            self._head.start()

    def on_headers_complete(self) -> None:
        self._has_head = True
        self._bound_head()
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                raise ValueError("this is no proxy")
            self._is_offer = True
            return
        self._unset_keepalive_if_required()
        super().on_headers_complete()
        self.cycle.transport = self._farewell  # type: ignore[assignment]
        self.cycle.on_response = partial(self._answered, self.cycle)

    def on_body(self, body: bytes) -> None:
        self._moves = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._is_offer:
            return
        super().on_message_complete()
        if self.cycle.more_body:  # it was answered before it was whole
            self.cycle.more_body = False
            self._rest.clear()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reading.start()

    def resume_writing(self) -> None:
        self._reading.clear()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        for deadline in (self._head, self._reading, self._rest):
            deadline.clear()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _bound_head(self) -> None:
        """Raises ValueError, which ends the parsing, for a head that is too large."""
        if len(self.headers) <= HEAD_FIELDS and self._unread <= HEAD_BYTES:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES or len(self.headers) > HEAD_FIELDS:
            self._refusal = TOO_LARGE
            raise ValueError("too large a head")

    def _decline(self, rest: bytes) -> None:
        """Take the request that was read as if it had offered nothing (RFC 9110, 7.8)."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        line = b"%b %b HTTP/%b\r\n" % (method, self.url, version.encode())
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._is_offer, self._unread = False, 0
        self.data_received(line + without_offer(self.headers) + rest)

    def _refuse(self) -> None:
        """A problem (RFC 9457), as everywhere else, and the end of the connection."""
        cycle = self.cycle if self._is_answering() else None
        if self.pipeline or (cycle is not None and cycle.response_started):
            self.transport.close()  # it would be taken for a part of another answer
            return
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        status, detail = self._refusal
        facts = {"type": "about:blank", "title": status.phrase, "status": status.value}
        problem = json.dumps({**facts, "detail": detail}).encode()
        own = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        self.transport.write(
            b"HTTP/1.1 %d %b\r\n%bcontent-type: application/problem+json\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%b"
            % (status, status.phrase.encode(), b"".join(own), len(problem), problem)
        )
        self._leave()

    def _answered(self, cycle: Any) -> None:
        if cycle.more_body and not self._is_leaving:
            self._rest.start()
        self.on_response_complete()

    def _end(self) -> None:
        if self.cycle.more_body:
            self._leave()
        else:
            self.transport.close()

    def _leave(self) -> None:
        """Close when the client does: what it still sends would else reset all."""
        if self._is_leaving or self.transport.is_closing():
            return
        self._is_leaving = True
        self._head.clear()
        self._rest.start()
        self.flow.resume_reading()
        self.transport.write_eof()


class Farewell:
    """The transport that an answer writes to; `close` may take a while."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = end


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
