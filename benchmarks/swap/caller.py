"""An open-loop caller, as a process of its own: requests at times that were planned.

A slow answer delays no other request, and counts from the planned time on: so a pause of
the pod is seen by every request that fell into it. Started with a plan on standard input;
ends when that is closed, and leaves what it saw in a file.
"""

import asyncio
import json
import selectors
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ANSWER = np.dtype(
    [
        ("pod", "u2"),
        ("connection", "u2"),
        ("row", "u2"),
        ("status", "u2"),  # 0: the connection was lost
        ("version", "u4"),
        ("planned", "f8"),  # seconds since 1970
        ("late", "f8"),  # how much later it was sent, seconds
        ("latency", "f8"),  # from the planned time to the whole answer, seconds
        ("probability", "f8"),
    ]
)

LAST_SECONDS = 3.0
"""So long are the last answers waited for."""
NOBODY = 2**16 - 1
"""Stands for the connection of a request that no connection took."""


def post(path: str, body: bytes) -> bytes:
    """A POST of JSON as bytes on the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


@dataclass(frozen=True)
class Plan:
    """Each pod is sent `rate` requests a second, one row after the other."""

    ports: list[int]
    rows: list[dict[str, Any]]
    rate: float
    connections: int
    file: str


@dataclass
class Request:
    """One request on its way; times on the event loop's clock."""

    row: int
    planned: float
    sent: float = 0.0


class Connection(asyncio.Protocol):
    """One keep-alive connection, with one request on it at a time."""

    def __init__(self, number: int, pod: "Pod") -> None:
        self.number = number
        self._pod = pod
        self._request: Request | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._pod.rest(self)

    def send(self, request: Request, content: bytes) -> None:
        request.sent = asyncio.get_running_loop().time()
        self._request, self._buffer = request, b""
        self._transport.write(content)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head) or self._request is None:
            return
        request, self._request = self._request, None
        self._pod.note(self.number, request, int(head[9:12]), body)
        self._pod.rest(self)

    def connection_lost(self, _: Exception | None) -> None:
        if self._request is not None:
            request, self._request = self._request, None
            self._pod.note(self.number, request, 0, b"")
        self._pod.lose(self)

    def abort(self) -> None:
        self._transport.abort()
        self.connection_lost(None)


class Pod:
    """One pod's connections: the next request takes an idle one, or waits for one."""

    def __init__(self, number: int, plan: Plan, seen: list[tuple[Any, ...]]) -> None:
        self._number = number
        self._contents = [post("/predict", json.dumps(row).encode()) for row in plan.rows]
        self._seen = seen
        self._connections: list[Connection] = []
        self._idle: deque[Connection] = deque()
        self._waiting: deque[Request] = deque()
        # to turn the loop's clock into the time of day
        self._epoch = time.time() - asyncio.get_running_loop().time()

    async def connect(self, port: int, connections: int) -> None:
        """Open the connections; each is idle once it is there."""
        for number in range(connections):
            self._connections.append(Connection(number, self))
            await asyncio.get_running_loop().create_connection(
                lambda: self._connections[-1], "127.0.0.1", port
            )

    def send(self, request: Request) -> None:
        self._waiting.append(request)
        self._send_next()

    def rest(self, connection: Connection) -> None:
        self._idle.append(connection)
        self._send_next()

    def lose(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)

    def give_up(self) -> None:
        """What no connection has taken, and what has no answer yet, has failed."""
        for connection in self._connections:
            connection.abort()
        while self._waiting:
            self.note(NOBODY, self._waiting.popleft(), 0, b"")

    def note(self, connection: int, request: Request, status: int, body: bytes) -> None:
        now = asyncio.get_running_loop().time()
        answer = json.loads(body) if status == 200 else {}
        self._seen.append(
            (
                self._number,
                connection,
                request.row,
                status,
                int(answer.get("model_version", 0)),
                request.planned + self._epoch,
                request.sent - request.planned,
                now - request.planned,
                answer.get("probability", np.nan),
            )
        )

    def _send_next(self) -> None:
        if self._waiting and self._idle:
            request = self._waiting.popleft()
            self._idle.popleft().send(request, self._contents[request.row])


def length_of(head: bytes) -> int:
    """The body's length by the head of an answer."""
    _, _, after = head.lower().partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0])


async def call(plan: Plan) -> list[tuple[Any, ...]]:
    """Call until standard input is closed; what was seen, as ANSWER has it."""
    loop = asyncio.get_running_loop()
    seen: list[tuple[Any, ...]] = []
    pods = [Pod(number, plan, seen) for number in range(len(plan.ports))]
    for pod, port in zip(pods, plan.ports, strict=True):
        await pod.connect(port, plan.connections)
    closed = loop.run_in_executor(None, sys.stdin.read)
    # the pods in turn, evenly: no two requests are planned for one moment
    step, sent, began = 1 / (plan.rate * len(pods)), 0, loop.time()
    while not closed.done():
        planned = began + sent * step
        if (wait := planned - loop.time()) > 0:
            await asyncio.sleep(wait)
        pods[sent % len(pods)].send(Request(sent // len(pods) % len(plan.rows), planned))
        sent += 1
    await asyncio.sleep(LAST_SECONDS)
    for pod in pods:
        pod.give_up()
    return seen


def main() -> None:
    plan = Plan(**json.loads(sys.stdin.readline()))
    # epoll would round each wait up to a whole millisecond
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    ) as runner:
        seen = runner.run(call(plan))
    with Path(plan.file).open("wb") as file:
        np.save(file, np.array(seen, dtype=ANSWER))


if __name__ == "__main__":
    main()
