"""The ingestor as a process, on real servers, killed again and again at its work."""

import asyncio
import os
import socket
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial

import asyncpg
import pytest

from data_api.app import build_app
from data_api.settings import Settings
from relevo_contracts import Envelope, Topic
from relevo_contracts.results import Stage
from relevo_local.servers import S3Address
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.testing import eventually, open_probe
from relevo_storage import CatalogSettings, get_verified, migrate, open_catalog, open_store

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
Serve = Callable[..., AbstractContextManager[str]]


@pytest.fixture
async def catalog_url(postgres: str) -> AsyncIterator[str]:
    """A catalog that only this test has."""
    name = f"catalog_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f'CREATE DATABASE "{name}"')
    url = f"{postgres.rpartition('/')[0]}/{name}"
    await migrate(url)
    yield url
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def environment(kafka: str, s3: S3Address, catalog_url: str) -> dict[str, str]:
    await create_topics(kafka)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "PATH": os.defpath,
        "HTTP_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "CATALOG_URL": catalog_url,
    }


@asynccontextmanager
async def life(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """An ingestor that is killed at the end of the block, if it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ingestor", env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_killed_at_its_work_it_ends_with_each_batch_once(
    kafka: str, s3: S3Address, catalog_url: str, environment: dict[str, str], serve: Serve
) -> None:
    async with (
        serving(serve) as address,
        open_catalog(CatalogSettings(catalog_url=catalog_url)) as catalog,
        open_store(s3.settings) as store,
    ):
        environment |= {"DATA_API_URL": address}

        async def taken(count: int) -> bool:
            return len(await catalog.results("diabetes130", Stage.RAW)) >= count

        async def all_announced() -> bool:
            waiting = await catalog.unannounced("diabetes130", Stage.RAW)
            return await taken(7) and not waiting

        for number in (1, 2, 4):  # killed when its row is there, on its way to Kafka
            async with life(environment):
                await eventually(partial(taken, number), f"batch {number}", seconds=60)
        async with life(environment) as last:
            await eventually(all_announced, "all batches announced", seconds=60)
            last.terminate()
            await asyncio.wait_for(last.wait(), timeout=10)

        rows = await catalog.results("diabetes130", Stage.RAW)
        for row in rows:
            assert row.table is not None
            await get_verified(store, row.table)
        told = await messages_about(address, kafka)

    assert [row.rows for row in rows] == [15_000] * 6 + [11_766]
    assert len(set(told)) == len({identity for identity, _ in told}) == 7


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    with serve(build_app(Settings(data_api_interval_seconds=0.5))) as address:
        yield address


async def messages_about(address: str, kafka: str) -> list[tuple[str, bytes]]:
    """Event id and body of all that was told of the batches from that address."""
    async with open_probe(kafka) as probe:
        records = await probe.records(Topic.BATCH_RAW)
    return [
        (Envelope.from_headers(record.headers).id, record.value)
        for record in records
        if record.value and address.encode() in record.value
    ]
