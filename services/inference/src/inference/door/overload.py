"""So much at a time and no more: what is beyond is refused at once, before it is in memory.

A request has a place from when its body is whole: an upload that idles holds none. Bodies
on their way, and answers that are not read yet, share a budget of bytes.
"""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference import metrics
from inference.tables.problems import Problem, Tell, overloaded

ALWAYS = {
    *("/health", "/ready", "/metrics"),
    *("/v2/health/live", "/v2/health/ready", "/ping"),  # peers' words for it
}
"""Whoever watches a pod must see it best when it has too much to do."""
RELOADS = {"/reload_model", "/reload-model"}
MOST_RELOADS = 64
"""They wait for Kafka, and take no place of those who want an answer."""

UPLOAD_BYTES = 2**15
"""What a request costs while its body is on its way, beside the body."""
LARGE = 2**16

VISIT = "relevo.visit"
"""In the scope of a request: its Visit."""


class Budget:
    """Bytes that may be in memory at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0
        self._given = asyncio.Event()

    def take(self, number: int) -> None:
        """Raises Problem 503 when there is no room for so many more."""
        if number > 0 and self.used + number > self.most:
            metrics.SHED.inc()
            raise overloaded()
        self.used += number

    async def wait_for(self, number: int) -> None:
        """Take them as soon as there is room, or nothing else is there."""
        while self.used and self.used + number > self.most:
            self._given.clear()
            await self._given.wait()
        self.used += number

    def give(self, number: int) -> None:
        """They are in memory no more."""
        self.used -= number
        self._given.set()


class Places:
    """So many requests at a time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken = 0

    def take(self) -> None:
        """Raises Problem 503 when all are taken."""
        if self.taken >= self.most:
            metrics.SHED.inc()
            raise overloaded()
        self.taken += 1


@dataclass(frozen=True)
class Room:
    """What all requests share."""

    requests: Places
    uploads: Budget
    answers: Budget


class Gate:
    """ASGI middleware: each request is a visit."""

    def __init__(self, app: ASGIApp, *, room: Room, tell: Tell) -> None:
        self._app = app
        self._tell = tell
        self._room = room
        self._reloads = Places(MOST_RELOADS)
        metrics.IN_FLIGHT.set_function(lambda: room.requests.taken)
        metrics.BYTES_IN_FLIGHT.set_function(lambda: room.uploads.used + room.answers.used)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path in ALWAYS:
            await self._app(scope, receive, send)
            return
        places = self._reloads if path in RELOADS else self._room.requests
        visit = Visit(self._room, places, receive, send)
        scope[VISIT] = visit
        try:
            if path in RELOADS or not has_body(scope):
                visit.begin()
            else:
                visit.take(UPLOAD_BYTES)
            await self._app(scope, visit.receive, visit.send)
        except Problem as problem:  # of this gate: the application answers its own
            await self._tell(scope, problem)(scope, receive, send)
        finally:
            visit.end()


class Visit:
    """What one request has in memory, counted as it comes and until it is gone."""

    def __init__(self, room: Room, places: Places, receive: Receive, send: Send) -> None:
        self._room = room
        self._places = places
        self._receive = receive
        self._send = send
        self._has_place = False
        self._upload = self._answer = 0

    def take(self, number: int) -> None:
        """So many bytes more of the body; raises Problem 503 when they are too many."""
        self._room.uploads.take(number)
        self._upload += number

    def begin(self) -> None:
        """From now on it is worked at; raises Problem 503 when at too many others."""
        if not self._has_place:
            self._places.take()
            self._has_place = True

    async def answered(self, number: int) -> None:
        """The body is gone, and an answer of so many bytes is there."""
        self._room.uploads.give(self._upload)
        self._upload = 0
        await self._room.answers.wait_for(number)
        self._answer += number

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.take(len(message.get("body", b"")))
            if not message.get("more_body", False):
                self.begin()
        return message

    async def send(self, message: Message) -> None:
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        if is_last and len(message.get("body", b"")) > LARGE:
            await self._send({**message, "more_body": True})
            # the server takes this only when the client has read the most of it
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    def end(self) -> None:
        """All that it had is gone."""
        self._room.uploads.give(self._upload)
        self._room.answers.give(self._answer)
        self._places.taken -= self._has_place
        self._upload, self._answer, self._has_place = 0, 0, False


def visit_of(request: Request) -> Visit:
    """The visit that a request is."""
    visit: Visit = request.scope[VISIT]
    return visit


def has_body(scope: Scope) -> bool:
    """True for a request that says that a body comes."""
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
