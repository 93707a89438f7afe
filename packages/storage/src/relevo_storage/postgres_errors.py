"""Which of PostgreSQL's errors mean that the server is away, and will be back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from relevo_contracts import OutageError

OUTAGES = (
    OSError,  # refused, reset, unknown host, no socket file, timed out
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,  # its farewell came between two commands of ours
    asyncpg.OperatorInterventionError,  # shutdown, crash, starting up, cancelled
    asyncpg.InsufficientResourcesError,  # connections, memory, disk
    asyncpg.PostgresSystemError,
    asyncpg.InvalidAuthorizationSpecificationError,  # password, role, pg_hba.conf
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidCatalogNameError,  # the database is not made yet
    asyncpg.UndefinedTableError,  # nor the tables
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is not promoted yet
    asyncpg.TransactionRollbackError,  # deadlock: the other one has won
)


@asynccontextmanager
async def outages_named(*, seconds: float) -> AsyncIterator[None]:
    """Raise OutageError for what the server's absence causes, after `seconds` at most."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except OUTAGES as error:
        what = str(error) or f"no answer in {seconds:g} s"
        raise OutageError(f"the catalog does not work: {what}") from error


@asynccontextmanager
async def hang_ups_named(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Raise what is an outage when the server has hung up while it was asked."""
    try:
        yield
    except asyncpg.InternalClientError:
        connection.terminate()  # or the next one would be given it
        raise
    except asyncpg.InterfaceError as error:
        if not connection.is_closed():
            raise
        raise ConnectionResetError("the server has hung up") from error
