"""A PostgreSQL that is away, frozen or dying is an outage, and its return is seen."""

import asyncio
import signal
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import asyncpg
import psutil
import pytest

from relevo_contracts import OutageError
from relevo_contracts.results import Stage
from relevo_local.places.ports import free_port
from relevo_local.servers import Postgres
from relevo_local.supervising.starting import running
from relevo_storage import Catalog, CatalogSettings, migrate, open_catalog
from relevo_storage.fakes import MemoryCatalog

T = TypeVar("T")


async def eventually(call: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as the outage is over; nothing but an OutageError before."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await call()
            except OutageError:
                await asyncio.sleep(0.1)


async def look(catalog: Catalog) -> None:
    assert await catalog.results("nothing", Stage.RAW) == []


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """The server and all that serves its connections stand still."""
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


def kill(pid: int) -> None:
    """Kill -9 the server; return when its helpers, which then end, are gone too."""
    server = psutil.Process(pid)
    processes = [server, *server.children(recursive=True)]
    server.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert not alive


async def test_an_absent_server_is_an_outage_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(OutageError):
        async with open_catalog(
            CatalogSettings(catalog_url=f"postgresql://u:p@127.0.0.1:{free_port()}/catalog")
        ):
            pass

    with pytest.raises(OutageError):
        await migrate(f"postgresql://u:p@127.0.0.1:{free_port()}/catalog")
    assert time.monotonic() - started < 2


async def test_a_server_that_accepts_and_keeps_silent_is_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("relevo_storage.postgres_catalog.COMMAND_SECONDS", 0.3)
    silent = asyncio.Event()

    async def keep_silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(OutageError):
            async with open_catalog(
                CatalogSettings(catalog_url=f"postgresql://u:p@127.0.0.1:{port}/catalog")
            ):
                pass
        silent.set()


@pytest.mark.servers
async def test_a_wrong_password_and_a_missing_database_are_outages(postgres: str) -> None:
    server, _ = postgres.rsplit("/", 1)
    user, place = server.rsplit("@", 1)
    for url in (f"{server}/no_such_database", f"{user}wrong@{place}/catalog"):
        with pytest.raises(OutageError):
            async with open_catalog(CatalogSettings(catalog_url=url)):
                pass


@pytest.mark.servers
async def test_a_server_that_was_killed_is_used_again_when_it_is_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    server = Postgres(folder, free_port())
    with running(server, folder / "log") as child:
        await migrate(server.url("catalog"))
        settings = CatalogSettings(catalog_url=server.url("catalog"))
        async with open_catalog(settings) as catalog:
            await asyncio.gather(*(look(catalog) for _ in range(10)))
            kill(child.pid)

            for _ in range(10):
                with pytest.raises(OutageError):
                    await look(catalog)

            with running(server, folder / "log"):
                await eventually(lambda: look(catalog))
                await asyncio.gather(*(look(catalog) for _ in range(10)))


@pytest.mark.servers
async def test_a_frozen_server_is_an_outage_in_seconds_and_is_used_again(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relevo_storage.postgres_catalog.COMMAND_SECONDS", 1.0)
    monkeypatch.setattr("relevo_storage.postgres_catalog.PATIENCE_SECONDS", 2.0)
    folder = tmp_path_factory.mktemp("frozen")
    server = Postgres(folder, free_port())
    with running(server, folder / "log") as child:
        await migrate(server.url("catalog"))
        settings = CatalogSettings(catalog_url=server.url("catalog"))
        async with open_catalog(settings) as catalog:
            await look(catalog)
            with frozen(child.pid):
                started = time.monotonic()
                answers = await asyncio.gather(
                    *(look(catalog) for _ in range(20)), return_exceptions=True
                )
                assert time.monotonic() - started < 8
                assert {type(answer) for answer in answers} == {OutageError}

            await eventually(lambda: look(catalog))


@pytest.mark.servers
async def test_connections_that_are_cut_at_any_moment_are_outages_and_nothing_else(
    postgres: str,
) -> None:
    await migrate(postgres)
    administrator = await asyncpg.connect(postgres)
    stop = asyncio.Event()

    async def work(catalog: Catalog) -> int:
        outages = 0
        while not stop.is_set():
            try:
                await look(catalog)
            except OutageError:
                outages += 1
        return outages

    async with open_catalog(CatalogSettings(catalog_url=postgres)) as catalog:
        workers = [asyncio.create_task(work(catalog)) for _ in range(8)]
        for _ in range(50):
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'relevo'"
            )
            await asyncio.sleep(0.01)
        stop.set()
        outages = await asyncio.gather(*workers)
        await look(catalog)
    await administrator.close()

    assert sum(outages) > 0


async def test_the_fake_can_be_away_too() -> None:
    catalog = MemoryCatalog()
    batch = uuid.uuid4().hex
    catalog.away = True

    for call in (
        catalog.find(batch, Stage.RAW),
        catalog.results(batch, Stage.RAW),
        catalog.unannounced(batch, Stage.RAW),
        catalog.mark_announced(batch, Stage.RAW),
        catalog.promotions(batch),
    ):
        with pytest.raises(OutageError):
            await call

    catalog.away = False
    await look(catalog)
