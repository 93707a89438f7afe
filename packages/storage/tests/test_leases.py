"""One process works on a batch's stage; a death gives it back, and is counted."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from relevo_contracts import OutageError
from relevo_contracts.results import Stage
from relevo_local.places.ports import free_port
from relevo_local.servers import Postgres
from relevo_local.supervising.starting import running
from relevo_runtime.testing import eventually
from relevo_storage import Catalog, CatalogSettings, PostgresCatalog, migrate, open_catalog
from relevo_storage.fakes import MemoryCatalog

WORKER = """
import asyncio, sys
from relevo_contracts.results import Stage
from relevo_storage import CatalogSettings, open_catalog

async def work():
    async with open_catalog(CatalogSettings(catalog_url=sys.argv[1])) as catalog:
        async with catalog.lease(sys.argv[2], Stage.CLEAN) as died:
            print(died, flush=True)
            await asyncio.sleep(60)

asyncio.run(work())
"""


@pytest.fixture
def batch(dataset: str) -> str:
    return f"{dataset}-0001"


@asynccontextmanager
async def another(url: str) -> AsyncIterator[PostgresCatalog]:
    """The catalog as another process has it."""
    async with open_catalog(CatalogSettings(catalog_url=url)) as catalog:
        yield catalog


async def takes(catalog: Catalog, batch: str) -> int:
    """How many had died; OutageError when it is taken."""
    async with catalog.lease(batch, Stage.CLEAN) as died:
        return died


async def test_who_comes_second_is_told_so_and_comes_in_afterwards(
    catalog: Catalog, batch: str
) -> None:
    async with catalog.lease(batch, Stage.CLEAN):
        with pytest.raises(OutageError, match=rf"works on {batch} \(clean\)"):
            await takes(catalog, batch)
        async with catalog.lease(batch, Stage.TRAINED), catalog.lease("b", Stage.CLEAN):
            pass

    assert await takes(catalog, batch) == 0


@pytest.mark.parametrize("error", [ValueError, TimeoutError, asyncio.CancelledError])
async def test_work_that_fails_gives_the_lease_back_and_is_no_death(
    catalog: Catalog, batch: str, error: type[BaseException]
) -> None:
    for _ in range(2):
        with pytest.raises(error):
            async with catalog.lease(batch, Stage.CLEAN):
                raise error

    assert await takes(catalog, batch) == 0


async def test_work_whose_lease_is_lost_is_cancelled(batch: str) -> None:
    catalog = MemoryCatalog()

    async def work() -> None:
        async with catalog.lease(batch, Stage.CLEAN):
            catalog.lose(batch, Stage.CLEAN)
            await asyncio.Event().wait()

    with pytest.raises(OutageError, match="lost"):
        await work()

    assert await takes(catalog, batch) == 0


def die_at_work(url: str, batch: str) -> str:
    """A process that is killed with the lease in its hands; what it was told."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, url, batch], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
    return told


@pytest.mark.servers
async def test_deaths_in_a_row_are_counted_and_a_survivor_ends_the_row(
    postgres: str, batch: str
) -> None:
    await migrate(postgres)

    told = [await asyncio.to_thread(die_at_work, postgres, batch) for _ in range(3)]

    assert told == ["0", "1", "2"]
    async with another(postgres) as catalog:
        assert await eventually_takes(catalog, batch) == 3
        assert await takes(catalog, batch) == 0


async def eventually_takes(catalog: Catalog, batch: str, seconds: float = 15) -> int:
    """As soon as nobody has it, and the server is there."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await takes(catalog, batch)
            except OutageError:
                await asyncio.sleep(0.05)


@pytest.mark.servers
async def test_a_connection_that_is_cut_is_replaced_and_the_work_goes_on(
    postgres: str, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo_storage.postgres_leases.BEAT_SECONDS", 0.1)
    await migrate(postgres)
    async with another(postgres) as ours, another(postgres) as theirs:
        async with ours.lease(batch, Stage.CLEAN):
            before = await holder(postgres)
            await cut(postgres)

            async def is_back() -> bool:
                return await holder(postgres) not in (None, before)

            await eventually(is_back, "the lock is taken anew")
            with pytest.raises(OutageError, match="works on"):
                await takes(theirs, batch)

        assert await takes(theirs, batch) == 0


@pytest.mark.servers
async def test_work_is_given_up_when_somebody_else_has_it_meanwhile(
    postgres: str, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo_storage.postgres_leases.BEAT_SECONDS", 0.3)
    await migrate(postgres)
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(another(postgres))
        theirs = await stack.enter_async_context(another(postgres))

        async def work() -> None:
            async with ours.lease(batch, Stage.CLEAN):
                await cut(postgres)
                died = await stack.enter_async_context(theirs.lease(batch, Stage.CLEAN))
                assert died == 1, "from outside a cut connection looks as a death does"
                await asyncio.Event().wait()

        with pytest.raises(OutageError, match="lost"):
            await work()

        with pytest.raises(OutageError, match="works on"):
            await takes(ours, batch)


@pytest.mark.servers
async def test_a_server_that_stays_away_ends_the_work_after_the_grace(
    tmp_path: Path, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo_storage.postgres_leases.BEAT_SECONDS", 0.1)
    monkeypatch.setattr("relevo_storage.postgres_leases.GRACE_SECONDS", 1.0)
    server = Postgres(tmp_path, free_port())
    loop, stack = asyncio.get_running_loop(), AsyncExitStack()
    async with stack:
        with running(server, tmp_path / "log"):
            await migrate(server.url("catalog"))
            catalog = await stack.enter_async_context(another(server.url("catalog")))
            lease = catalog.lease(batch, Stage.CLEAN)
            assert await lease.__aenter__() == 0
        began = loop.time()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await asyncio.Event().wait()
        with pytest.raises(OutageError, match="lost"):
            await lease.__aexit__(
                cancelled.type, cancelled.value, cancelled.value.__traceback__
            )
        assert loop.time() - began < 10
        with running(server, tmp_path / "log"):
            assert await eventually_takes(catalog, batch) == 0, "this process lives"


async def cut(url: str) -> None:
    """Every lease's connection."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'relevo lease'"
    )
    await connection.close()


async def holder(url: str) -> int | None:
    """The backend that has an advisory lock."""
    connection = await asyncpg.connect(url)
    pid: int | None = await connection.fetchval(
        "SELECT max(pid) FROM pg_locks WHERE locktype = 'advisory'"
    )
    await connection.close()
    return pid
