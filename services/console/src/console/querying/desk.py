"""Where pages ask: a few query programs for all, started when asked, ended when idle."""

import asyncio
import tempfile
from asyncio import TimerHandle
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import IO, Self

from console.querying.process import QueryProcess
from console.querying.questions import Form, Opening, Question

PROGRAM = ("-m", "console.querying.program")
MOST = 2
"""Statements at the same time, each in a program of its own."""
WAIT_SECONDS = 5.0
IDLE_SECONDS = 300.0
STATUS = MappingProxyType({"refused": 400, "away": 503})


class Unanswered(Exception):
    """Why there is no answer, in words; status: HTTP's."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Desk:
    """Hands a question to a program that is free; a context, which ends all of them."""

    def __init__(
        self,
        opening: Opening,
        *,
        program: Sequence[str] = PROGRAM,
        wait: float = WAIT_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._opening = opening
        self._program = program
        self._wait = wait
        self._idle = idle
        self._turns = asyncio.Semaphore(MOST)
        self._all: set[QueryProcess] = set()
        self._free: dict[QueryProcess, TimerHandle] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for timer in self._free.values():
            timer.cancel()
        for process in self._all:
            await process.end()

    async def ask(
        self, sql: str | None, dataset: str = "", form: Form = "table"
    ) -> IO[bytes]:
        """The answer as a file to read and close; sql: None for what there is to be asked.

        Whoever is cancelled while it waits stops the statement. Raises Unanswered: 400 for
        a statement that cannot be, 503 while all programs are busy or a server is away.
        """
        async with self._turn(), self._process() as process:
            file = tempfile.NamedTemporaryFile(prefix="relevo-sql-")  # noqa: SIM115
            question = Question(sql=sql, dataset=dataset, form=form, path=file.name)
            try:
                reply = await process.ask(question)
                if reply.outcome != "done":
                    raise Unanswered(STATUS[reply.outcome], reply.reason)
            except BaseException:
                file.close()
                raise
            return file

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait):
                await self._turns.acquire()
        except TimeoutError as error:
            text = f"busy with {MOST} statements, as many as run at once: ask again soon"
            raise Unanswered(503, text) from error
        try:
            yield
        finally:
            self._turns.release()

    @asynccontextmanager
    async def _process(self) -> AsyncIterator[QueryProcess]:
        """One that nobody else asks; it ends when the block is cancelled."""
        if self._free:
            process, timer = self._free.popitem()
            timer.cancel()
        else:
            process = await QueryProcess.start(self._opening, self._program)
            self._all.add(process)
        try:
            yield process
        except asyncio.CancelledError:
            await process.end()
            raise
        finally:
            self._put_back(process)

    def _put_back(self, process: QueryProcess) -> None:
        if process.is_over:
            self._all.discard(process)
            return
        loop = asyncio.get_running_loop()
        self._free[process] = loop.call_later(self._idle, self._retire, process)

    def _retire(self, process: QueryProcess) -> None:
        del self._free[process]
        self._all.discard(process)
        process.kill()
