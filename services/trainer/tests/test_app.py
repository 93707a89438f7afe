"""The trainer as a process, on real servers, killed in the middle and after the version."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import httpx
import psutil
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run, ViewType

from relevo_contracts import BatchClean, Envelope, ObjectRef, Topic
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_local.places.ports import free_port
from relevo_local.servers import S3Address
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.testing import Probe, eventually, open_probe
from relevo_storage import Catalog, CatalogSettings, migrate, open_catalog, open_store
from trainer.learning.assignment import Table

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]
NOW = datetime(2026, 1, 2, tzinfo=UTC)
GROUP = "trainer-diabetes130"


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
async def catalog(catalog_url: str) -> AsyncIterator[Catalog]:
    async with open_catalog(CatalogSettings(catalog_url=catalog_url)) as opened:
        yield opened


@pytest.fixture
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url, mlflow_url)


@pytest.fixture
def dataset() -> str:
    """One with a model and an experiment of its own."""
    return f"own-{uuid.uuid4().hex}"


@pytest.fixture
def environment(
    kafka: str, s3: S3Address, catalog_url: str, mlflow_url: str
) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "OMP_WAIT_POLICY": "PASSIVE",
        "HTTP_PORT": str(free_port()),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "KAFKA_SESSION_TIMEOUT_SECONDS": "6",
        "S3_ENDPOINT_URL": s3.endpoint_url,
        "S3_ACCESS_KEY": s3.access_key,
        "S3_SECRET_KEY": s3.secret_key,
        "S3_BUCKET": s3.bucket,
        "CATALOG_URL": catalog_url,
        "MLFLOW_TRACKING_URI": mlflow_url,
    }


@pytest.fixture
async def probe(kafka: str) -> AsyncIterator[Probe]:
    await create_topics(kafka)
    async with open_probe(kafka) as opened:
        await opened.skip_all(Topic.BATCH_CLEAN, GROUP)
        yield opened


@asynccontextmanager
async def life(environment: dict[str, str]) -> AsyncIterator[None]:
    """A trainer that is killed at the end of the block, and takes its children along."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "trainer", env=environment
    )
    try:
        yield
    finally:
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        await process.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, below, timeout=20)
        assert alive == [], "a killed trainer leaves nothing behind"


async def cleaned(
    catalog: Catalog, s3: S3Address, tables: Sequence[Table], dataset: str
) -> list[BatchClean]:
    """The tables as the cleaner leaves them: in the store and in the catalog."""
    events = []
    async with open_store(s3.settings) as store:
        for number, table in enumerate(tables, 1):
            await store.put(table.key, table.content)
            reference = ObjectRef(
                key=table.key, sha256=table.sha256, size=len(table.content)
            )
            event = BatchClean(
                batch_id=f"{dataset}-{number:04d}",
                dataset=dataset,
                number=number,
                table=reference,
                report=reference,
                rows_in=1_500,
                rows_out=1_500,
                rows_quarantined=0,
                raw_sha256="2" * 64,
                released_at=NOW,
                cleaned_at=NOW,
            )
            await catalog.record(
                StageResult(
                    batch_id=event.batch_id,
                    dataset=dataset,
                    number=number,
                    stage=Stage.CLEAN,
                    verdict=Verdict.ACCEPTED,
                    table=reference,
                    started_at=NOW,
                    finished_at=NOW,
                )
            )
            events.append(event)
    return events


def runs(
    client: MlflowClient,
    dataset: str,
    what: str = "",
    view: int = ViewType.ACTIVE_ONLY,
) -> list[Run]:
    experiment = client.get_experiment_by_name(dataset)
    if experiment is None:
        return []
    return list(client.search_runs([experiment.experiment_id], what, view))


async def sooner_or_later(condition: Callable[[], object], what: str) -> None:
    async def holds() -> bool:
        return bool(await asyncio.to_thread(condition))

    await eventually(holds, what, seconds=120)


async def test_killed_at_its_work_it_ends_with_each_batch_once(
    environment: dict[str, str],
    catalog: Catalog,
    client: MlflowClient,
    dataset: str,
    s3: S3Address,
    probe: Probe,
    tables: Sequence[Table],
) -> None:
    for event in await cleaned(catalog, s3, tables, dataset):
        await probe.send(event)

    async with life(environment):
        await sooner_or_later(
            lambda: runs(client, dataset, "attributes.status = 'RUNNING'"),
            "a run that one could interrupt",
        )
    assert await catalog.results(dataset, Stage.TRAINED) == []
    async with life(environment):
        await sooner_or_later(
            lambda: client.search_model_versions(f"name = '{dataset}'"), "a version"
        )
    async with life(environment):

        async def is_over() -> bool:
            return len(await catalog.results(dataset, Stage.TRAINED)) == len(tables)

        await eventually(is_over, "both batches are learned from", seconds=120)
        url = f"http://127.0.0.1:{environment['HTTP_PORT']}/metrics"
        async with httpx.AsyncClient() as http:
            metrics = (await http.get(url)).text

    results = await catalog.results(dataset, Stage.TRAINED)
    found = client.search_model_versions(f"name = '{dataset}'")
    assert sorted(int(version.version) for version in found) == [1, 2]
    assert results[0].verdict is Verdict.PROMOTED
    promoted = [r for r in results if r.verdict is Verdict.PROMOTED]
    champion = client.get_model_version_by_alias(dataset, "champion").version
    assert str(champion) == promoted[-1].statistics["model_version"]
    tops = [r for r in runs(client, dataset) if "mlflow.parentRunId" not in r.data.tags]
    assert {r.info.run_id for r in tops} == {version.run_id for version in found}
    assert {r.info.status for r in runs(client, dataset)} == {"FINISHED"}
    tried = f'algorithm="lightgbm",figure="roc_auc",model="{dataset}"'
    assert f"relevo_trainer_validation_figure_ratio{{{tried}}}" in metrics


async def test_two_trainers_that_hear_of_one_batch_learn_from_it_once(
    environment: dict[str, str],
    catalog: Catalog,
    client: MlflowClient,
    dataset: str,
    s3: S3Address,
    probe: Probe,
    tables: Sequence[Table],
) -> None:
    """As after a rebalance; the second one used to delete the run of the first."""
    [event] = await cleaned(catalog, s3, tables[:1], dataset)
    envelope = Envelope.of(event, source="test", cause=dataset)
    before = await probe.committed(Topic.BATCH_CLEAN, GROUP)
    for partition in range(Topic.BATCH_CLEAN.partitions):
        await probe.send_raw(
            Topic.BATCH_CLEAN,
            event.model_dump_json().encode(),
            key=event.key.encode(),
            headers=envelope.to_headers(),
            partition=partition,
        )

    async def is_over() -> bool:
        after = await probe.committed(Topic.BATCH_CLEAN, GROUP)
        return sum(after.values()) == sum(before.values()) + len(after)

    other = environment | {"HTTP_PORT": str(free_port())}
    async with life(environment), life(other):
        await eventually(is_over, "each copy of the event is done with", seconds=120)
    [result] = await catalog.results(dataset, Stage.TRAINED)

    assert result.verdict is Verdict.PROMOTED
    [version] = client.search_model_versions(f"name = '{dataset}'")
    found = runs(client, dataset, view=ViewType.ALL)
    tops = [r for r in found if "mlflow.parentRunId" not in r.data.tags]
    assert [r.info.run_id for r in tops] == [version.run_id], "none was deleted"
