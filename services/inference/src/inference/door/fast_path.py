"""The fast path: a plainly valid row is answered where its bytes arrive, before ASGI.

Only a request that came whole in one read and asks for nothing else, and whose row needs no
further look. All others take the ordinary way through the framework, which alone knows what
to say of what is wrong; so does a body that is still on its way. Both ways answer alike.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any
from urllib.parse import quote

import structlog

from inference.door.quick_answers import QuickAnswers
from inference.duty.slot import Slot
from inference.duty.slots import Slots
from inference.tables.bodies import ROW_BYTES
from relevo_contracts.keys import Scope
from relevo_runtime.http.connections import HEAD_BYTES, HEAD_FIELDS, PunctualProtocol
from relevo_runtime.http.http_server import CLOSE
from relevo_runtime.http.keys import Holder, KeyRing, key_in
from relevo_runtime.http.shell import TOLD, told_ids

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

JSON = {
    b"application/json",
    b"application/json; charset=utf-8",
    b"application/json;charset=utf-8",
    b"application/json; charset=UTF-8",
}
MARKS = {b"content-encoding", b"transfer-encoding", b"expect", b"origin"}
"""Headers that make a request one for the ordinary way."""
NOTED = {b"content-type", *MARKS, *TOLD}
"""The others change nothing."""

Answer = Callable[[bytes], bytes | None]
"""Body -> the answer from its own headers on; None: take the ordinary way."""


def fast_protocol(slots: Slots, *, max_bytes: int) -> Callable[..., "FastProtocol"]:
    """For `serve`: the protocol that answers for the models in the slots, as they come."""
    answers: dict[bytes, Answer] = {}

    def reach(slot: Slot) -> None:
        for url, route in urls(slot, default=slot is slots.default):
            answers[url.encode()] = QuickAnswers(slot, route=route).answer

    slots.watch(reach)
    return partial(FastProtocol, answers, min(max_bytes, ROW_BYTES))


def urls(slot: Slot, *, default: bool) -> Iterator[tuple[str, str]]:
    """The URLs by which most callers ask for a row's prediction, each with its route."""
    name = quote(slot.model, safe="")
    if default:
        yield "/predict", "/predict"
    yield f"/predict?model_name={name}", "/predict"
    yield f"/models/{name}/predict", "/models/{name}/predict"


class FastProtocol(PunctualProtocol):
    """Holds a request back from ASGI until it is whole, and answers it if it can."""

    def __init__(
        self, answers: Mapping[bytes, Answer], max_bytes: int, **of_uvicorn: Any
    ) -> None:
        super().__init__(**of_uvicorn)
        self._answers = answers
        self._max_bytes = max_bytes
        self._answer: Answer | None = None
        self._held = b""
        self._echo = b""
        self._holder: Holder | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._apart and self.server and self.server[1] == self._apart:
            self._answers = {}

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._answer is not None:
            self._let_go()

    def on_headers_complete(self) -> None:
        answer = self._answers.get(self.url)
        if answer is not None and self._is_plain():
            self._answer = answer
            self._has_head = True
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._answer is None:
            super().on_body(body)
        else:
            self._held += body
            if len(self._held) > self._max_bytes:
                self._let_go()

    def on_message_complete(self) -> None:
        if self._answer is not None:
            answer = self._answered_now(self._answer)
            if answer is not None:
                self._answer, self._held = None, b""
                head = _head(*self.server_state.default_headers)
                self.transport.write(head + self._echo + answer)
                self.on_response_complete()
                return
            self._let_go()
        super().on_message_complete()

    def _answered_now(self, answer: Answer) -> bytes | None:
        """None, too, where the key's rate is used up: the ordinary way says so."""
        holder = self._holder
        if holder is None:
            return _careful(answer, self._held)
        if holder.rate and not holder.rate.take():
            return None
        answered = _careful(answer, self._held)
        if answered is not None:
            holder.is_admitted()
        elif holder.rate:
            holder.rate.give_back()
        return answered

    def _let_go(self) -> None:
        """The held request goes the ordinary way."""
        held, self._answer, self._held = self._held, None, b""
        super().on_headers_complete()
        if held:
            super().on_body(held)

    def _is_plain(self) -> bool:
        """True for a POST of JSON to which nothing but its answer is to be done."""
        if self.parser.get_method() != b"POST" or self.parser.get_http_version() != "1.1":
            return False
        if not self.parser.should_keep_alive() or self.parser.should_upgrade():
            return False
        if self._is_answering() or self.flow.write_paused:
            return False
        if CLOSE in self.server_state.default_headers:
            return False
        if self._unread > HEAD_BYTES or len(self.headers) > HEAD_FIELDS:
            return False
        if self._keys is not None and not self._may_predict(self._keys):
            return False
        self._echo = b""
        for name, value in self.headers:
            if name not in NOTED:
                continue
            if name in MARKS or (name == b"content-type" and value not in JSON):
                return False
            if name in TOLD:
                self._echo = b"".join(
                    b"%b: %b\r\n" % told for told in told_ids(self.headers)
                )
        return True

    def _may_predict(self, keys: KeyRing) -> bool:
        self._holder = keys.find(key_in(self.headers))
        return self._holder is not None and Scope.PREDICT in self._holder.scopes


def _careful(answer: Answer, body: bytes) -> bytes | None:
    try:
        return answer(body)
    except Exception:  # the parser would take it for a fault of the client
        log.exception("a bug on the fast path")
        return None


@lru_cache(maxsize=1)
def _head(*headers: tuple[bytes, bytes]) -> bytes:
    """The status line and the server's own headers, which change once a second."""
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"HTTP/1.1 200 OK\r\n" + b"".join(lines)
