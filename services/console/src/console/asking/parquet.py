"""Rows of a Parquet file as CSV, read by a process of its own, in bounds."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO

from console.asking import parquet_reader

MOST_BYTES = 32 * 2**20
SECONDS = 60.0
AT_A_TIME = 2


class Unreadable(Exception):
    """Why there are no rows, with the status that says so."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class ParquetFiles:
    """Reads a few at a time; who comes later waits."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def as_csv(self, body: AsyncIterable[bytes]) -> BinaryIO:
        """The rows of a file as CSV with a header, empty is null; raises Unreadable.

        The process that reads has limits of memory, time and output, and nothing in its
        environment: a file that unpacks to any size ends that process and nothing else.
        """
        with tempfile.TemporaryDirectory(prefix="relevo-parquet-") as folder:
            source, made = Path(folder) / "rows.parquet", Path(folder) / "rows.csv"
            await receive(body, source)
            async with self._turns:
                await read(source, made)
            return made.open("rb")


async def receive(body: AsyncIterable[bytes], source: Path) -> None:
    """Write the file as it comes; raises Unreadable 413 as soon as it is too long."""
    length = 0
    with source.open("wb") as file:
        async for chunk in body:
            length += len(chunk)
            if length > MOST_BYTES:
                raise Unreadable(
                    413, f"a Parquet file may have {MOST_BYTES // 2**20} MiB: send a part"
                )
            file.write(chunk)


async def read(source: Path, made: Path) -> None:
    """Let the process read; raises Unreadable with its reason."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", parquet_reader.__name__, str(source), str(made)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={"ARROW_DEFAULT_MEMORY_POOL": "system"},
    )
    try:
        _, told = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError as error:
        raise Unreadable(413, f"its rows cannot be read within {SECONDS:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == parquet_reader.REFUSED:
        raise Unreadable(422, told.decode(errors="replace").strip())
    if process.returncode:
        raise Unreadable(413, "its rows take more memory or room than they may")
