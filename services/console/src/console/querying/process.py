"""One query program as the console has it: started, asked, stopped, and over."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress

from console.querying.questions import Opening, Question, Reply

LATE_SECONDS = 30.0
"""Beyond a statement's time, for a start on a busy machine; then it hangs."""
STOP_SECONDS = 3.0


class QueryProcess:
    """Answers one question at a time; `is_over` once it cannot any more."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, opening: Opening, module: str) -> "QueryProcess":
        """A new one, that has read where the data is."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module), stdin=PIPE, stdout=PIPE, env={}
        )
        started = cls(process)
        started._tell(opening.model_dump_json())
        return started

    @property
    def is_over(self) -> bool:
        """True when it has ended."""
        return self._process.returncode is not None

    async def ask(self, question: Question) -> Reply:
        """How it ended; `away` when the program died of it or hung."""
        self._tell(question.model_dump_json())
        return await self._reply(question.seconds + LATE_SECONDS)

    async def stop(self) -> None:
        """Stop the statement that runs, and wait until it has stopped; or end at all."""
        if not self.is_over:
            self._process.send_signal(signal.SIGINT)
            await self._reply(STOP_SECONDS)

    def kill(self) -> None:
        """End, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Be over."""
        self.kill()
        await self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(f"{line}\n".encode())

    async def _reply(self, seconds: float) -> Reply:
        out = self._process.stdout
        try:
            line = await asyncio.wait_for(out.readline(), seconds) if out else b""
        except TimeoutError:
            await self.end()
            return away("the query program hung and was ended")
        if not line:
            await self.end()
            return away(f"the query program has ended ({self._process.returncode})")
        return Reply.model_validate_json(line)


def away(what: str) -> Reply:
    """The program is not there; a new one will be."""
    text = f"{what}: the next question starts a new one; this one may take too much"
    return Reply(outcome="away", reason=text)
