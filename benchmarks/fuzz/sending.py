"""Connections that send what they are given, and judge what comes back."""

import asyncio
import random
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.fuzz.requests import Sent, build, valid

HANG_SECONDS = 15.0
GLANCE_SECONDS = 0.02
"""So long is an answer waited for that need not come."""

HEAD = re.compile(rb"\AHTTP/1\.1 ([0-9]{3}) .*?\r\n\r\n", re.DOTALL)
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)\r\n", re.IGNORECASE)


@dataclass
class Judged:
    """What the pod has answered so far."""

    statuses: Counter[int] = field(default_factory=Counter)
    hangs: list[bytes] = field(default_factory=list)
    failures: list[tuple[bytes, bytes]] = field(default_factory=list)
    sent: int = 0

    def see(self, sent: Sent, answer: bytes) -> None:
        """Take note of an answer; a 5xx is a failure unless it is the refusal of a load."""
        found = HEAD.match(answer)
        if found is None:
            return
        status = int(found[1])
        self.statuses[status] += 1
        if status >= 500 and not (status == 503 and b"retry-after" in answer.lower()):
            self.failures.append((b"".join(sent.pieces)[:2000], answer[:500]))


async def send_many(port: int, number: int, seed: int, judged: Judged) -> None:
    """One caller: that many requests, one after the other, all by chance of the seed."""
    chance = random.Random(seed)  # noqa: S311 (the same requests for the same seed)
    streams = None
    for _ in range(number):
        sent = build(chance)
        judged.sent += 1
        if streams is None:
            streams = await asyncio.open_connection("127.0.0.1", port)
        goes_on = await _send(*streams, sent, judged)
        if not goes_on or chance.random() < 0.1:
            streams[1].transport.abort()
            streams = None
    if streams is not None:
        streams[1].close()


async def _send(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: Sent, judged: Judged
) -> bool:
    """True when the connection is as good as new afterwards."""
    try:
        for piece in sent.pieces:
            writer.write(piece)
            await writer.drain()
            if len(sent.pieces) > 1:
                await asyncio.sleep(0)
        async with asyncio.timeout(HANG_SECONDS if sent.whole else GLANCE_SECONDS):
            answer = await _answer(reader)
    except TimeoutError:
        if sent.whole:
            judged.hangs.append(b"".join(sent.pieces)[:2000])
        return False
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return False
    judged.see(sent, answer)
    return sent.whole and b"connection: close" not in answer.lower()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """A whole answer, or what came until the pod closed the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head = await reader.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return head + (await reader.readexactly(int(length[1])) if length else b"")


async def answers_well(port: int) -> bool:
    """True when a valid request is answered with 200, in time."""
    with suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
        async with asyncio.timeout(HANG_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(valid().pieces[0])
            answer = await _answer(reader)
            writer.close()
            return answer.startswith(b"HTTP/1.1 200")
    return False
