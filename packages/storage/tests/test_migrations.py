"""The catalog's tables come into being once, whoever starts first and however many."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from relevo_contracts import OutageError
from relevo_storage import CatalogSettings, migrate, open_catalog
from relevo_storage.migrations import (
    NEWEST,
    ChangedMigrationError,
    Migration,
    known_migrations,
    missing,
)

ONE = Migration(1, "0001_one.sql", "CREATE TABLE one ()")
TWO = Migration(2, "0002_two.sql", "CREATE TABLE two ()")


@pytest.fixture
async def empty_url(postgres: str) -> AsyncIterator[str]:
    name = f"empty_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{postgres.rsplit('/', 1)[0]}/{name}"
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    )
    await connection.close()
    return {row["tablename"] for row in rows}


def test_the_files_are_numbered_without_a_gap_and_the_last_is_what_the_code_needs() -> None:
    versions = [migration.version for migration in known_migrations()]

    assert versions == list(range(1, NEWEST + 1))


def test_only_what_is_missing_is_applied() -> None:
    assert missing([ONE, TWO], {}) == [ONE, TWO]
    assert missing([ONE, TWO], {1: ONE.sha256}) == [TWO]
    assert missing([ONE], {1: ONE.sha256, 2: TWO.sha256}) == []


def test_a_file_that_was_changed_after_it_was_applied_is_refused() -> None:
    with pytest.raises(ChangedMigrationError, match=r"0001_one\.sql"):
        missing([ONE, TWO], {1: TWO.sha256})


@pytest.mark.servers
async def test_an_empty_database_gets_the_tables_and_a_repeat_changes_nothing(
    empty_url: str,
) -> None:
    assert await migrate(empty_url) == NEWEST
    assert await migrate(empty_url) == NEWEST

    assert await tables(empty_url) == {
        "actions",
        "batch_decisions",
        "earlier_tries",
        "leases",
        "promotions",
        "schema_migrations",
        "stage_results",
    }


@pytest.mark.servers
async def test_many_who_start_at_once_migrate_once(empty_url: str) -> None:
    versions = await asyncio.gather(*(migrate(empty_url) for _ in range(8)))

    assert set(versions) == {NEWEST}


@pytest.mark.servers
async def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    connection = await asyncpg.connect(empty_url)
    await connection.execute("CREATE TABLE promotions ()")
    await connection.close()

    with pytest.raises(asyncpg.DuplicateTableError):
        await migrate(empty_url)

    assert await tables(empty_url) == {"promotions"}


@pytest.mark.servers
async def test_a_database_that_a_newer_program_has_migrated_is_fine(empty_url: str) -> None:
    await migrate(empty_url)
    connection = await asyncpg.connect(empty_url)
    await connection.execute(
        "INSERT INTO schema_migrations (version, name, sha256) VALUES ($1, 'x', 'y')",
        NEWEST + 1,
    )
    await connection.close()

    assert await migrate(empty_url) == NEWEST + 1
    async with open_catalog(CatalogSettings(catalog_url=empty_url)) as catalog:
        assert await catalog.promotions("m") == []


@pytest.mark.servers
async def test_a_catalog_that_is_not_migrated_yet_is_an_outage(empty_url: str) -> None:
    with pytest.raises(OutageError, match="schema_migrations"):
        async with open_catalog(CatalogSettings(catalog_url=empty_url)):
            pass


@pytest.mark.servers
async def test_the_command_migrates_what_the_environment_names(empty_url: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "relevo_storage.migrations"],
        env={**os.environ, "CATALOG_URL": empty_url},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"the catalog's schema is at version {NEWEST}\n"
    assert "stage_results" in await tables(empty_url)
