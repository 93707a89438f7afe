"""One query program as the console has it: started, asked, and over."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress

from console.querying.questions import Opening, Question, Reply

LATE_SECONDS = 30.0
"""Beyond a statement's time, for a start on a busy machine; then it hangs."""
DYING_SECONDS = 2.0


class QueryProcess:
    """Answers one question at a time; `is_over` once it cannot any more."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, opening: Opening, program: Sequence[str]) -> "QueryProcess":
        """A new one, that has read where the data is."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *program), stdin=PIPE, stdout=PIPE, env={}
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

    def kill(self) -> None:
        """End, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """Returns when it is over."""
        await self._process.wait()

    async def end(self) -> None:
        """Be over."""
        self.kill()
        await self.ended()

    async def _end_by_itself(self) -> None:
        """Be over as it chose to be: a kill at this moment would hide of what it died."""
        with suppress(TimeoutError):
            async with asyncio.timeout(DYING_SECONDS):
                await self.ended()
        await self.end()

    def _tell(self, line: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(f"{line}\n".encode())

    async def _reply(self, seconds: float) -> Reply:
        out = self._process.stdout
        try:
            async with asyncio.timeout(seconds):
                line = await out.readline() if out else b""
        except TimeoutError:
            await self.end()
            return away("the query program hung and was ended")
        if not line:
            await self._end_by_itself()
            code = self._process.returncode or 0
            how = f"signal {-code}" if code < 0 else f"code {code}"
            return away(f"the query program has ended ({how})")
        return Reply.model_validate_json(line)


def away(what: str) -> Reply:
    """The program is not there; a new one will be."""
    text = f"{what}: the next question starts a new one; this one may take too much"
    return Reply(outcome="away", reason=text)
