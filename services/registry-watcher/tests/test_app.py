"""The watcher as a process: it waits for an MLflow that is not there yet."""

import asyncio
import time
from pathlib import Path

import asyncpg
import httpx
import pytest

from relevo_local.places.ports import free_ports
from relevo_local.servers import S3Address
from relevo_local.services import Service
from relevo_local.supervising.starting import running
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import migrate

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]
RETRIES_SECONDS = 3.0
"""In which a start is made again several times."""


async def prepare(kafka: str, postgres: str) -> str:
    """Topics, and the URL of a catalog of our own."""
    await create_topics(kafka)
    connection = await asyncpg.connect(postgres)
    await connection.execute("CREATE DATABASE watcher_waits")
    await connection.close()
    catalog = postgres.rsplit("/", 1)[0] + "/watcher_waits"
    await migrate(catalog)
    return catalog


def test_it_waits_for_mlflow_and_goes_on_living(
    tmp_path: Path, kafka: str, postgres: str, s3: S3Address
) -> None:
    port, nobody = free_ports(2)
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "CATALOG_URL": asyncio.run(prepare(kafka, postgres)),
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{nobody}",
        "REGISTRY_WATCHER_URL": f"http://127.0.0.1:{port}",
        "REGISTRY_WATCHER_WEBHOOK_SECRET": "long-and-random",
    }
    program = Service("watcher", "registry_watcher", port, tmp_path / "work", environment)

    with running(program, tmp_path / "watcher.log") as child:
        deadline = time.monotonic() + 30
        while "MLflow does not answer" not in (reason := reason_of(program)):
            assert time.monotonic() < deadline, f"it waits for something else: {reason}"
            time.sleep(0.05)
        assert child.wait(RETRIES_SECONDS) is None, (tmp_path / "watcher.log").read_text()


def reason_of(program: Service) -> str:
    """Why it is not ready."""
    return str(httpx.get(f"{program.url}/ready").json().get("reason"))
