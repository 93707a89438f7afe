"""Tables are read by a program that lives as long as somebody waits for it."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from relevo_contracts import PoisonError

SECONDS = 60.0
LONGEST_LINE = 2**24
LAST_WORDS = 500


class TableProcess:
    """The program `console.reading.tables`; what it cannot read is a PoisonError."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def put(self, content: bytes) -> None:
        """One more frame for it."""
        stdin = self._process.stdin
        if stdin is None:
            raise PoisonError("the program that reads tables hears nobody")
        with suppress(ConnectionError):  # why it went is told to who waits for its answer
            stdin.write(f"{len(content)}\n".encode())
            stdin.write(content)
            await stdin.drain()

    async def line(self) -> bytes:
        """Its next line."""
        line = await self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            stderr = self._process.stderr
            raise PoisonError(why(await stderr.read() if stderr else b""))
        return line

    async def rest(self) -> bytes:
        """All that it has to say, after all that it was given."""
        out, said = await self._process.communicate()
        if self._process.returncode:
            raise PoisonError(why(said))
        return out


def why(said: bytes) -> str:
    """The last words of a program, without the name of the exception."""
    last = (said.decode(errors="replace").strip().splitlines() or ["no reason"])[-1]
    reason = last.partition(": ")[2] or last
    return f"the table cannot be read: {reason[:LAST_WORDS]}"


@asynccontextmanager
async def reading_tables(task: str) -> AsyncIterator[TableProcess]:
    """The program, which is over with the block; raises TimeoutError when it hangs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "console.reading.tables",
        task,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        limit=LONGEST_LINE,
    )
    try:
        async with asyncio.timeout(SECONDS):
            yield TableProcess(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
