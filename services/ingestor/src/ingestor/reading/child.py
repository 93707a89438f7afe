"""The process that reads what strangers send.

`python -m ingestor.reading.child BYTES SECONDS`: it may take so many bytes of memory beyond
its own, and so long for one question. A question on its standard input is a line of JSON
and the content whose size the line tells; so is an answer.
"""

import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from pydantic import BaseModel, JsonValue, TypeAdapter

from ingestor.reading.accepting import Limits, accept, write_rows
from ingestor.reading.forms import Form
from relevo_contracts import PoisonError
from relevo_datasets import Dataset, Rows, Source


class Question(BaseModel):
    """What is to be read. limits: None where rows are only written as Parquet."""

    form: Form
    name: str
    columns: tuple[str, ...]
    header: bool
    size: int
    max_bytes: int = 0
    max_rows: int = 0

    @property
    def dataset(self) -> Dataset:
        """All that matters of a dataset to whoever reads its tables."""
        source = Source(header=self.header)
        return Dataset(self.name, "", self.columns, Rows(), (), {}, source=source)


class Answer(BaseModel):
    """What was read; refused: why not."""

    size: int = 0
    rows: int = 0
    sha256: str = ""
    facts: dict[str, JsonValue] = {}
    refused: str | None = None


def answer(question: Question, content: bytes) -> tuple[Answer, bytes]:
    """The answer and its content; MemoryError is an answer too."""
    try:
        if question.form in ("records", "group"):
            written = write_rows(content, question.form, question.columns)
            told = Answer(
                size=len(written.content),
                rows=written.rows,
                sha256=written.sha256,
                facts=written.facts,
            )
            return told, written.content
        limits = Limits(bytes=question.max_bytes, rows=question.max_rows)
        raw = accept(content, question.form, question.dataset, limits)
        return Answer(size=len(raw.content), rows=raw.rows), raw.content
    except PoisonError as error:
        return Answer(refused=str(error)), b""
    except MemoryError:
        return Answer(refused="to read it takes more memory than is allowed"), b""


def serve(questions: BinaryIO, answers: BinaryIO, *, seconds: int) -> None:
    """Answer until nobody asks any more; who takes longer for an answer is ended."""
    ready = TypeAdapter(Question)
    while line := questions.readline():
        question = ready.validate_json(line)
        signal.alarm(seconds)  # whoever asks has a limit too, but may be gone
        found, content = answer(question, questions.read(question.size))
        answers.write(found.model_dump_json().encode() + b"\n" + content)
        answers.flush()
        signal.alarm(0)


def limit_memory(allowed: int) -> None:
    """Let this process have so many bytes beyond those that it has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + allowed
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches all: whoever asks ends this one, by its input
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints cannot spoil an answer
    # one that reserves addresses for later would be over the limit at once
    pa.set_memory_pool(pa.system_memory_pool())
    pa.set_cpu_count(1)
    if sys.platform == "linux":
        limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, answers, seconds=int(sys.argv[2]))
