"""The warehouse on a real PostgreSQL and a real S3 server."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from relevo_contracts import OutageError
from relevo_local.servers import S3Address
from relevo_sql import Limits, SqlError, Store, Warehouse, open_warehouse, saved_examples
from relevo_sql.samples import ROWS, Stages
from relevo_storage import migrate, open_store

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


class Platform:
    """Stages whose objects and notes are put on the servers."""

    def __init__(self, folder: Path, catalog_url: str, s3: S3Address) -> None:
        self.catalog_url = catalog_url
        self.s3 = s3
        self.store = Store(s3.endpoint_url, s3.access_key, s3.secret_key, s3.bucket)
        self._stages = Stages(folder)

    async def add(self, dataset: str, number: int) -> None:
        self._stages.results.clear()
        self._stages.promotions.clear()
        await asyncio.to_thread(self._stages.add, dataset, number)
        folder = self._stages.folder
        async with open_store(self.s3.settings) as store:
            for file in await asyncio.to_thread(lambda: list(folder.rglob("*.*"))):
                content = await asyncio.to_thread(file.read_bytes)
                await store.put(str(file.relative_to(folder)), content)
        connection = await asyncpg.connect(self.catalog_url)
        for table, rows in (
            ("stage_results", self._stages.results),
            ("promotions", self._stages.promotions),
        ):
            await connection.execute(INSERTS[table], json.dumps(rows))
        await connection.close()


INSERTS = {
    "stage_results": """
        INSERT INTO stage_results (batch_id, stage, dataset, number, verdict, table_key,
            table_sha256, table_size, rows, statistics, started_at, finished_at)
        SELECT batch_id, stage, dataset, number, verdict, table_key,
            left(table_key, 1), length(table_key), rows, statistics, started_at, finished_at
        FROM json_populate_recordset(NULL::stage_results, $1)
    """,
    "promotions": """
        INSERT INTO promotions (event_id, model, model_version, bundle_sha256, batches,
            promoted_at)
        SELECT event_id, model, model_version, bundle_sha256, batches, promoted_at
        FROM json_populate_recordset(NULL::promotions, $1)
    """,
}


@pytest.fixture
async def platform(postgres: str, s3: S3Address, tmp_path: Path) -> Platform:
    name = f"sql_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    url = f"{postgres.rsplit('/', 1)[0]}/{name}"
    await migrate(url)
    return Platform(tmp_path, url, s3)


@pytest.fixture
async def warehouse(platform: Platform) -> AsyncIterator[Warehouse]:
    with open_warehouse(
        platform.catalog_url, platform.store, datasets=["my-set"], limits=Limits(seconds=20)
    ) as it:
        yield it


async def test_every_stage_is_read_and_a_new_batch_is_seen(
    platform: Platform, warehouse: Warehouse
) -> None:
    count = "SELECT count(*), max(batch_number) FROM "

    none = await asyncio.to_thread(warehouse.query, f"{count} raw")
    await platform.add("my-set", 1)
    one = await asyncio.to_thread(warehouse.query, f"{count} raw")
    await platform.add("my-set", 2)

    assert (none.rows, one.rows) == ([(0, None)], [(ROWS, 1)])
    for view, rows in {"raw": 20, "clean": 18, "train": 12, "quarantined": 2}.items():
        answer = await asyncio.to_thread(warehouse.query, f'{count} "my-set".{view}')
        assert answer.rows == [(rows, 2)], view
    for example in saved_examples():
        answer = await asyncio.to_thread(warehouse.query, example.sql)
        assert answer.rows, example.name


async def test_neither_files_nor_other_objects_nor_the_network_nor_the_catalog_are_reached(
    platform: Platform, warehouse: Warehouse
) -> None:
    await platform.add("my-set", 1)
    async with open_store(platform.s3.settings) as store:
        await store.put("raw/my-set/not-noted.parquet", b"PAR1")
        ours = await store.get("raw/my-set/1.parquet")

    for sql in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('s3://batches/raw/my-set/not-noted.parquet')",
        "SELECT * FROM read_text('s3://mlflow/x')",
        "SELECT * FROM glob('s3://batches/**')",
        f"FROM read_text('{platform.s3.endpoint_url}/batches/raw/my-set/1.parquet')",
        "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'stage_results')",
        "SELECT * FROM postgres_query('catalog', 'SELECT pg_read_file(''/etc/passwd'')')",
        f"ATTACH '{platform.catalog_url}' AS catalog (TYPE postgres)",
        "INSTALL postgres_scanner",
        "COPY (SELECT 1) TO 's3://batches/raw/my-set/1.parquet'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO 's3://batches/raw/my-set/1.parquet'",
        "CREATE TABLE x AS SELECT 1",
    ):
        with pytest.raises(SqlError):
            await asyncio.to_thread(warehouse.query, sql)

    shown = await asyncio.to_thread(
        warehouse.query, "SELECT secret_string FROM duckdb_secrets()"
    )
    assert platform.s3.secret_key not in str(shown.rows)
    async with open_store(platform.s3.settings) as store:
        assert await store.get("raw/my-set/1.parquet") == ours


async def test_servers_that_are_away_are_named(
    platform: Platform, warehouse: Warehouse
) -> None:
    await platform.add("my-set", 1)
    nowhere = replace(platform.store, endpoint_url="http://127.0.0.1:1")

    with pytest.raises(
        OutageError, match=r"the store http://127\.0\.0\.1:1 does not answer"
    ):
        await asyncio.to_thread(
            open_warehouse(platform.catalog_url, nowhere).query, "FROM raw"
        )
    with pytest.raises(OutageError, match="the catalog does not answer"):
        await asyncio.to_thread(
            open_warehouse("postgresql://127.0.0.1:1/x", platform.store).query, "FROM raw"
        )


async def test_an_object_that_is_gone_is_named(
    platform: Platform, warehouse: Warehouse
) -> None:
    await platform.add("my-set", 1)
    await asyncio.to_thread(warehouse.query, "SELECT count(*) FROM raw")
    lost = replace(platform.store, bucket="mlflow")

    with pytest.raises(SqlError, match=r"s3://mlflow/raw/my-set/1\.parquet|/mlflow/raw"):
        await asyncio.to_thread(
            open_warehouse(platform.catalog_url, lost).query, "FROM raw"
        )


async def test_a_statement_on_many_rows_is_stopped_in_time(
    platform: Platform, warehouse: Warehouse
) -> None:
    await platform.add("my-set", 1)
    limited = open_warehouse(
        platform.catalog_url, platform.store, limits=Limits(seconds=1.0)
    )

    with pytest.raises(SqlError, match="stopped after 1 s"):
        await asyncio.to_thread(
            limited.query, "SELECT count(*) FROM raw a, raw b, raw c, range(100000000)"
        )
