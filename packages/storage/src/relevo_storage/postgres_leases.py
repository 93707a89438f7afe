"""Leases by PostgreSQL's advisory locks: one process at a time on a batch's stage.

A lock belongs to a connection, so the death of a process gives it back at once. A row
beside it says whose it is: a process whose connection was cut takes the lock again and goes
on, unless the row says that somebody else has had it meanwhile.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from relevo_contracts import OutageError
from relevo_contracts.results import Stage
from relevo_storage import statements
from relevo_storage.measuring import measured
from relevo_storage.postgres_errors import hang_ups_named, outages_named

BEAT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
GRACE_SECONDS = 30.0
"""So long a lease is kept without an answer of the server."""

SETTINGS = {
    "application_name": "relevo lease",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""The server gives a silent connection up after 60 s: later than its owner has."""


@dataclass
class Lease:
    """What is held, over which connection; deaths: see the port."""

    batch_id: str
    stage: Stage
    connection: asyncpg.Connection
    deaths: int = 0

    @property
    def place(self) -> tuple[str, Stage]:
        return self.batch_id, self.stage


class PostgresLeases:
    """Leases of this process, each over a connection of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        unique = uuid.uuid4().hex[:8]
        self._process = f"{socket.gethostname()} process {os.getpid()} ({unique})"

    @asynccontextmanager
    async def lease(self, batch_id: str, stage: Stage) -> AsyncIterator[int]:
        """As the port says."""
        with measured("catalog", "lease"):
            lease = await self._take(batch_id, stage)
        try:
            async with asyncio.timeout(None) as limit:
                watching = asyncio.create_task(self._watch(lease, limit))
                try:
                    yield lease.deaths
                finally:
                    watching.cancel()
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise OutageError(
                f"the lease on {batch_id} ({stage}) was lost: the work was given up"
            ) from error
        finally:
            await asyncio.shield(self._give_back(lease))

    async def _take(self, batch_id: str, stage: Stage) -> Lease:
        lease = Lease(batch_id, stage, await self._connect())
        try:
            async with self._asking(lease):
                holder = await lease.connection.fetchrow(statements.LOCK, *lease.place)
                if not holder["is_locked"]:
                    who = holder["process"] or "another process"
                    raise OutageError(f"{who} works on {batch_id} ({stage})")
                lease.deaths = await lease.connection.fetchval(
                    statements.NOTE_LEASE, *lease.place, self._process
                )
        except BaseException:
            lease.connection.terminate()
            raise
        return lease

    async def _watch(self, lease: Lease, limit: asyncio.Timeout) -> None:
        """Return, with the block at its end, when the lease is lost."""
        loop = asyncio.get_running_loop()
        heard = loop.time()
        while loop.time() < heard + GRACE_SECONDS:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(OutageError):
                if not await self._is_ours(lease):
                    break
                heard = loop.time()
        limit.reschedule(loop.time())

    async def _is_ours(self, lease: Lease) -> bool:
        """Whether nobody else has had it since; OutageError while that is not known."""
        if lease.connection.is_closed():
            lease.connection = await self._connect()
        async with self._asking(lease):
            # a lock that this connection has already is taken once more
            row = await lease.connection.fetchrow(statements.LOCK, *lease.place)
        if row["process"] != self._process:
            return False
        if not row["is_locked"]:
            raise OutageError("the server still keeps the lock for a connection that broke")
        return True

    async def _give_back(self, lease: Lease) -> None:
        """Whatever the work came to, it was not this process's death."""
        with suppress(OutageError):
            async with self._asking(lease):
                await lease.connection.execute(
                    statements.FORGET_LEASE, *lease.place, self._process
                )
                await lease.connection.close()
        lease.connection.terminate()

    async def _connect(self) -> asyncpg.Connection:
        async with outages_named(seconds=ANSWER_SECONDS):
            return await asyncpg.connect(self._url, server_settings=SETTINGS)

    @asynccontextmanager
    async def _asking(self, lease: Lease) -> AsyncIterator[None]:
        try:
            async with (
                outages_named(seconds=ANSWER_SECONDS),
                hang_ups_named(lease.connection),
            ):
                yield
        except OutageError:
            lease.connection.terminate()
            raise
