"""The whole cleaner on a real broker, a real store and a real catalog."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pandas as pd
import pytest

from cleaner.app import build
from cleaner.settings import Settings
from relevo_contracts import BatchClean, BatchRaw, Envelope, ObjectRef, Topic
from relevo_contracts.results import Announcement, Stage, StageResult, Verdict
from relevo_datasets.clean_table import CleanTable
from relevo_local.servers import S3Address
from relevo_runtime.kafka.topics import create_topics
from relevo_runtime.testing import Probe, eventually, open_probe
from relevo_storage import MinioStore, get_verified, migrate, open_catalog, open_store

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
AsBatch = Callable[..., tuple[bytes, BatchRaw]]
Stored = Callable[[pd.DataFrame], Awaitable[BatchRaw]]


@pytest.fixture
def settings(kafka: str, postgres: str, s3: S3Address) -> Settings:
    return Settings.model_validate(
        {
            "kafka_bootstrap_servers": kafka,
            "catalog_url": postgres,
            "s3_endpoint_url": s3.endpoint_url,
            "s3_access_key": s3.access_key,
            "s3_secret_key": s3.secret_key,
            "s3_bucket": s3.bucket,
            "RELEVO_DATASET": "diabetes130,pima",
        }
    )


@pytest.fixture
async def store(s3: S3Address) -> AsyncIterator[MinioStore]:
    async with open_store(s3.settings) as opened:
        yield opened


@pytest.fixture
async def probe(kafka: str, postgres: str) -> AsyncIterator[Probe]:
    """The broker, where the cleaner has nothing to do yet, and a catalog with tables."""
    await create_topics(kafka)
    await migrate(postgres)
    async with open_probe(kafka) as opened:
        for name in ("diabetes130", "pima"):
            await opened.skip_all(Topic.BATCH_RAW, f"cleaner-{name}")
        yield opened


@pytest.fixture
def raw_batch(as_batch: AsBatch, store: MinioStore) -> Stored:
    """A raw table -> the event that tells of it, once it is in the store."""

    async def stored(frame: pd.DataFrame) -> BatchRaw:
        content, event = as_batch(frame)
        await store.put(event.table.key, content)
        batch_id = f"diabetes130-{uuid.uuid4().hex}"
        return event.model_copy(update={"batch_id": batch_id})

    return stored


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = build(settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://cleaner") as client,
    ):

        async def is_ready() -> bool:
            return (await client.get("/ready")).status_code == 200

        await eventually(is_ready, "the cleaner is ready", seconds=60)
        yield client


async def test_batches_are_cleaned_and_refused_ones_stand_in_nobody_s_way(
    settings: Settings,
    probe: Probe,
    store: MinioStore,
    encounters: pd.DataFrame,
    raw_batch: Stored,
) -> None:
    good = await raw_batch(encounters)
    bad = await raw_batch(encounters.assign(num_medications="a lot"))
    async with running(settings) as client:
        for event in (bad, good, good):
            await probe.send(event)

        async def told() -> list[BatchClean]:
            records = await probe.records(Topic.BATCH_CLEAN)
            events = [BatchClean.model_validate_json(r.value) for r in records]
            return [event for event in events if event.batch_id == good.batch_id]

        async def buried() -> list[str]:
            return [
                dict(record.headers)["dead_reason"].decode()
                for record in await probe.records(Topic.BATCH_RAW_DEAD)
                if record.key == bad.key.encode()
            ]

        async def all_is_told() -> bool:
            return len(await told()) >= 2 and len(await buried()) >= 1

        await eventually(all_is_told, "the good batch twice, the bad one's dead letter")
        first, second, *_ = await told()
        [reason, *_] = await buried()
        metrics = (await client.get("/metrics")).text

    assert first == second
    table = CleanTable.from_parquet(await get_verified(store, first.table))
    assert len(table.frame) == first.rows_out == 200
    assert "num_medications is not a whole number" in reason
    assert reason.endswith("(200 rows, e.g. 'a lot')")
    assert (
        'relevo_cleaner_batches_total{dataset="diabetes130",verdict="refused"}' in metrics
    )
    async with open_catalog(settings) as catalog:
        results = [await catalog.find(b.batch_id, Stage.CLEAN) for b in (good, bad)]
    verdicts = [result.verdict for result in results if result]
    assert verdicts == [Verdict.ACCEPTED, Verdict.REFUSED]


async def test_a_batch_whose_message_kafka_has_lost_is_announced_again(
    settings: Settings, probe: Probe
) -> None:
    """As with Kafka's volume, a cleaner that was down for eight days, or a buried bug."""
    batch = f"diabetes130-{uuid.uuid4().hex}"
    table = ObjectRef(key="clean/x.parquet", sha256="0" * 64, size=1)
    long_ago = datetime(2026, 1, 2, tzinfo=UTC)
    clean = BatchClean(
        batch_id=batch,
        dataset="diabetes130",
        number=1,
        table=table,
        report=table,
        rows_in=1,
        rows_out=1,
        rows_quarantined=0,
        raw_sha256="0" * 64,
        released_at=long_ago,
        cleaned_at=long_ago,
    )
    envelope = Envelope.of(clean, source="cleaner", cause=batch)
    async with open_catalog(settings) as catalog:
        await catalog.record(
            StageResult(
                batch_id=batch,
                dataset="diabetes130",
                number=1,
                stage=Stage.CLEAN,
                verdict=Verdict.ACCEPTED,
                announcement=Announcement(
                    envelope=envelope.model_dump(mode="json"),
                    body=clean.model_dump(mode="json"),
                ),
                started_at=long_ago,
                finished_at=long_ago,
            )
        )

    async def told() -> list[str]:
        records = await probe.records(Topic.BATCH_CLEAN)
        events = [BatchClean.model_validate_json(r.value) for r in records]
        ids = [Envelope.from_headers(record.headers).id for record in records]
        return [i for e, i in zip(events, ids, strict=True) if e.batch_id == batch]

    async def is_told() -> bool:
        return await told() == [envelope.id]

    await probe.skip_all(Topic.BATCH_CLEAN, "trainer-diabetes130")
    async with running(settings) as client:
        await eventually(is_told, "the batch is announced")
        metrics = (await client.get("/metrics")).text

    assert 'relevo_reconciled_total{what="announcement"}' in metrics


async def test_a_raw_object_that_is_not_there_holds_up_no_other_dataset(
    settings: Settings,
    probe: Probe,
    store: MinioStore,
    encounters: pd.DataFrame,
    raw_batch: Stored,
    as_batch: AsBatch,
) -> None:
    """Both are on one partition; it is put back, and waited for until then."""
    good = await raw_batch(encounters)
    content, lost = as_batch(encounters.head(3), "pima")
    lost = lost.model_copy(update={"batch_id": f"pima-{uuid.uuid4().hex}"})

    async def clean() -> list[str]:
        records = await probe.records(Topic.BATCH_CLEAN)
        return [BatchClean.model_validate_json(r.value).batch_id for r in records]

    async def buried() -> list[bytes | None]:
        return [record.key for record in await probe.records(Topic.BATCH_RAW_DEAD)]

    async def is_cleaned() -> bool:
        return good.batch_id in await clean()

    async def is_refused() -> bool:
        return lost.key.encode() in await buried()

    async with running(settings) as client:
        for event in (lost, good):
            envelope = Envelope.of(event, source="test", cause=event.batch_id)
            await probe.send_raw(
                Topic.BATCH_RAW,
                event.model_dump_json().encode(),
                key=event.key.encode(),
                headers=envelope.to_headers(),
                partition=3,
            )
        await eventually(is_cleaned, "the other dataset's batch is cleaned")
        assert not await is_refused()
        labels = 'group="cleaner-pima",partition="3",topic="batch.raw"'
        waits = f"relevo_runtime_outage_since_seconds{{{labels}}}"
        assert waits in (await client.get("/metrics")).text
        await store.put(lost.table.key, content)
        await eventually(is_refused, "what was put back is read: it is no pima")
