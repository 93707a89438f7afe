"""What the catalog knows, as it is copied into a warehouse.

DuckDB could attach PostgreSQL itself; then any statement could run functions of that
server, which read files and open connections. So the rows are copied, and no more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg

from relevo_contracts import OutageError

T = TypeVar("T")

SECONDS = 10.0

MARK = """
    SELECT (SELECT count(*) FROM stage_results), (SELECT count(*) FROM promotions)
"""
RESULTS = """
    SELECT coalesce(json_agg(r ORDER BY r.dataset, r.number, r.batch_id), '[]')::text
    FROM (SELECT batch_id, stage, dataset, number, verdict, reason, table_key, rows,
                 statistics, started_at, finished_at FROM stage_results) r
"""
PROMOTIONS = """
    SELECT coalesce(json_agg(p ORDER BY p.sequence), '[]')::text FROM promotions p
"""


@dataclass(frozen=True)
class Snapshot:
    """The rows of stage_results and promotions, each as one JSON list of objects.

    mark: how many there are of each; rows are only ever added.
    """

    mark: tuple[int, int]
    results: str
    promotions: str


class Source(Protocol):
    """Where a warehouse hears of batches; both raise OutageError."""

    def mark(self) -> tuple[int, int]:
        """How much the catalog knows, to see whether there is more than before."""

    def snapshot(self) -> Snapshot:
        """All that it knows."""


@dataclass(frozen=True)
class PostgresSource:
    """The catalog of a postgresql:// URL. Not to be asked where an event loop runs."""

    url: str

    def mark(self) -> tuple[int, int]:
        return asyncio.run(_asked(self.url, _mark))

    def snapshot(self) -> Snapshot:
        return asyncio.run(_asked(self.url, _snapshot))


async def _mark(connection: Any) -> tuple[int, int]:
    results, promotions = await connection.fetchrow(MARK)
    return results, promotions


async def _snapshot(connection: Any) -> Snapshot:
    # One transaction: the mark is that of the rows.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        mark = await _mark(connection)
        results = await connection.fetchval(RESULTS)
        return Snapshot(mark, results, await connection.fetchval(PROMOTIONS))


async def _asked(url: str, ask: Callable[[Any], Awaitable[T]]) -> T:
    try:
        async with asyncio.timeout(SECONDS):
            connection = await asyncpg.connect(url)
            try:
                return await ask(connection)
            finally:
                connection.terminate()
    except TimeoutError as error:
        raise OutageError(f"the catalog has not answered for {SECONDS:g} s") from error
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise OutageError(f"the catalog does not answer: {error}") from error
