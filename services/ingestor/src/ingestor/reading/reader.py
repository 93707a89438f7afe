"""The port that reads what strangers send, and the adapter that lets a process do it."""

import asyncio
import math
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from ingestor.metrics import READER_DEATHS
from ingestor.reading.accepting import Limits, RawTable, Written
from ingestor.reading.child import Answer, Question
from ingestor.reading.forms import Form
from relevo_contracts import PoisonError
from relevo_datasets import Dataset

PROGRAM = (sys.executable, "-m", "ingestor.reading.child")
ATTEMPTS = 2
"""A process may die for another reason than what it reads: a second one is asked too."""

MANY = 2**26
"""Bytes of the longest line that is read at once; an answer's facts are far shorter."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Reader(Protocol):
    """Reads without harm; raises PoisonError with the reason for what cannot be read."""

    async def accept(self, content: bytes, form: Form, dataset: Dataset) -> RawTable:
        """The batch as it is kept."""

    async def write(self, content: bytes, form: Form, dataset: Dataset) -> Written:
        """What an API answered, as Parquet."""


class ChildReader:
    """Reader in a process of its own, which is kept for the next question.

    limits: of a batch. memory: bytes that it may take beyond its own. seconds: it may
    take for one batch. program: which is told both.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        memory: int,
        seconds: float,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._program = program
        self._limits = limits
        self._memory = memory
        self._seconds = seconds
        self._child: Process | None = None
        self._turn = asyncio.Lock()

    async def accept(self, content: bytes, form: Form, dataset: Dataset) -> RawTable:
        found, kept = await self._ask(content, form, dataset)
        return RawTable(kept, rows=found.rows)

    async def write(self, content: bytes, form: Form, dataset: Dataset) -> Written:
        found, kept = await self._ask(content, form, dataset)
        return Written(kept, found.sha256, found.rows, found.facts)

    async def close(self) -> None:
        """End the process; one that does not end by itself is killed."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _ask(
        self, content: bytes, form: Form, dataset: Dataset
    ) -> tuple[Answer, bytes]:
        question = Question(
            form=form,
            name=dataset.name,
            columns=dataset.raw_columns,
            header=dataset.source.header,
            size=len(content),
            max_bytes=self._limits.bytes,
            max_rows=self._limits.rows,
        )
        async with self._turn:
            found, kept = await self._answer(question, content)
        if found.refused is not None:
            raise PoisonError(found.refused)
        return found, kept

    async def _answer(self, question: Question, content: bytes) -> tuple[Answer, bytes]:
        """Raises PoisonError when reading it kills the process, or takes too long."""
        why = ""
        for _ in range(ATTEMPTS):
            child = self._child = self._child or await self._started()
            is_done = False
            try:
                async with asyncio.timeout(self._seconds):
                    answered = await _exchange(child, question, content)
                is_done = True
                return answered
            except TimeoutError:
                why = f"to read it takes longer than {self._seconds:g} s"
            except (ConnectionError, asyncio.IncompleteReadError):
                code = await child.wait()
                why = f"the process that read it has died of it ({_ending(code)})"
            finally:
                if not is_done:  # it is in the midst of something, or dead
                    await self.close()
            READER_DEATHS.inc()
            log.warning("what was to be read has ended its reader", reason=why)
        raise PoisonError(why)

    async def _started(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *self._program,
            *(str(self._memory), str(2 * math.ceil(self._seconds))),
            stdin=PIPE,
            stdout=PIPE,
            limit=MANY,
        )


async def _exchange(
    child: Process, question: Question, content: bytes
) -> tuple[Answer, bytes]:
    if child.stdin is None or child.stdout is None:
        raise ConnectionError("a process without a door")
    child.stdin.write(question.model_dump_json().encode() + b"\n" + content)
    await child.stdin.drain()
    line = await child.stdout.readuntil(b"\n")
    found = Answer.model_validate_json(line)
    return found, await child.stdout.readexactly(found.size)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@asynccontextmanager
async def open_reader(
    limits: Limits, *, memory: int, seconds: float
) -> AsyncIterator[ChildReader]:
    """A reader whose process is started at the first question."""
    reader = ChildReader(limits, memory=memory, seconds=seconds)
    try:
        yield reader
    finally:
        await reader.close()
