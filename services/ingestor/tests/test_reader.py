"""What strangers send is read by a process that may die of it, and nobody else does."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from prometheus_client import REGISTRY
from pyarrow import parquet

from ingestor.reading.accepting import Limits
from ingestor.reading.forms import Form
from ingestor.reading.reader import ChildReader, open_reader
from relevo_contracts import PoisonError
from relevo_datasets import dataset_named
from relevo_runtime.testing import eventually

DIABETES130, PIMA = dataset_named("diabetes130"), dataset_named("pima")
MIB = 1024 * 1024
LIMITS = Limits(bytes=256 * MIB, rows=15_000)
Write = Callable[[pa.Table], bytes]


def varint(number: int) -> bytes:
    """As Thrift's compact protocol writes a whole number."""
    rest, written = 2 * number, bytearray()
    while rest > 127:
        written.append(rest & 127 | 128)
        rest >>= 7
    return bytes([*written, rest])


@pytest.fixture(scope="module")
def liar() -> bytes:
    """A Parquet of 4 kB whose page unpacks to 1.3 GB, by its own account.

    Its header was written for 134 MB, so that the lie takes as many bytes as the truth.
    """
    size, file = 2**27, BytesIO()
    schema = pa.schema([pa.field("race", pa.binary(), nullable=False)])
    table = pa.table({"race": [bytes(size - 4)]}, schema=schema)
    how = {"use_dictionary": False, "write_statistics": False}
    parquet.write_table(table, file, compression="zstd", **how)
    return file.getvalue().replace(varint(size), varint(1_300_000_000), 1)


@pytest.fixture
async def reader() -> AsyncIterator[ChildReader]:
    async with open_reader(LIMITS, memory=256 * MIB, seconds=40) as reader:
        yield reader


def pid_of(reader: ChildReader) -> int:
    assert reader._child
    return reader._child.pid


def peak_kb(pid: int) -> int:
    """The most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
async def test_a_page_that_lies_takes_no_more_memory_than_is_allowed(
    reader: ChildReader, liar: bytes, real_rows: pa.Table, to_parquet: Write
) -> None:
    with pytest.raises(PoisonError, match="more memory than is allowed"):
        await reader.accept(liar, "parquet", DIABETES130)

    first = pid_of(reader)
    peak = peak_kb(first)
    raw = await reader.accept(to_parquet(real_rows), "parquet", DIABETES130)
    assert peak < 400_000, f"{peak} kB"
    assert (raw.content, raw.rows) == (to_parquet(real_rows), 200)
    assert pid_of(reader) == first, "the process is kept"


REFUSED: tuple[tuple[Form, bytes, str], ...] = (
    ("csv", b"a;b\n1;2\n", "missing columns 'Pregnancies'"),
    ("csv", b"a,b\n1,2,3\n", "every row must have 2 values, but line 2 has 3"),
    ("lines", b'{"Age": 3}\n{', "line 2: not JSON"),
    ("lines", b'{"Age": [3]}', "'Age' is list, not a single value"),
    ("records", b'{"detail": "no"}', "no list of records"),
    ("records", b"[" * 100_000, "not JSON"),
    ("group", b'{"data": [[1, 2]]}', "row 1 has 2 values, not 9"),
)


@pytest.mark.slow
async def test_what_is_refused_in_there_is_refused_in_the_same_words_here(
    reader: ChildReader,
) -> None:
    for form, content, reason in REFUSED:
        ask = reader.write if form in ("records", "group") else reader.accept
        with pytest.raises(PoisonError) as refused:
            await ask(content, form, PIMA)
        assert reason in str(refused.value)
        assert "/tmp" not in str(refused.value)  # noqa: S108


@pytest.mark.parametrize(
    ("program", "seconds", "reason"),
    [
        ("import os; input(); os.abort()", 30.0, "signal 6"),
        ("input(); raise SystemExit(3)", 30.0, "exit code 3"),
        ("import time; time.sleep(60)", 0.5, "longer than 0.5 s"),
    ],
)
async def test_a_death_in_there_is_a_refusal_with_the_reason_after_a_second_try(
    program: str, seconds: float, reason: str
) -> None:
    def deaths() -> float:
        return REGISTRY.get_sample_value("relevo_ingestor_reader_deaths_total") or 0

    before = deaths()
    reader = ChildReader(
        LIMITS, memory=MIB, seconds=seconds, program=(sys.executable, "-c", program)
    )

    with pytest.raises(PoisonError, match=reason):
        await reader.accept(b"rows", "parquet", PIMA)

    assert deaths() == before + 2


async def test_no_process_is_left_behind_by_who_gives_up_waiting() -> None:
    program = (sys.executable, "-c", "import time; time.sleep(60)")
    reader = ChildReader(LIMITS, memory=MIB, seconds=60, program=program)

    asking = asyncio.create_task(reader.accept(b"rows", "parquet", PIMA))
    await eventually(lambda: reader._child is not None, "a process")
    child = reader._child
    assert child
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert child.returncode == -9
