"""`relevo status` and the watch of the live view, by address, on real servers."""

import asyncio
import json
import time
import uuid
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner

from relevo.addresses import results_of
from relevo.app import build_app
from relevo_contracts import BatchRaw, Envelope, ObjectRef
from relevo_contracts.results import Stage, StageResult, Verdict
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import CatalogSettings, migrate, open_catalog
from relevo_story.sources.watching import Watching
from relevo_story.sources.whereabouts import Whereabouts
from relevo_story.telling import samples
from relevo_story.telling.facts import Fact
from relevo_story.telling.story import Story

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


@pytest.fixture
def dataset() -> str:
    """A dataset that no other test knows: the topics are everybody's."""
    return f"cli{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def catalog_url(postgres: str) -> str:
    """An empty catalog."""
    name = f"cli_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    url = f"{postgres.rsplit('/', 1)[0]}/{name}"
    await migrate(url)
    return url


def of(dataset: str, result: StageResult) -> StageResult:
    """The result as one of the dataset's."""
    batch_id = f"{dataset}-{result.number:04d}"
    return result.model_copy(update={"dataset": dataset, "batch_id": batch_id})


async def send(kafka: str, event: BatchRaw) -> None:
    await create_topics(kafka)
    headers = Envelope.of(event, source="ingestor", cause=event.batch_id).to_headers()
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    body = event.model_dump_json().encode()
    await producer.send_and_wait(event.topic, body, headers=headers)
    await producer.stop()


def raw(dataset: str) -> BatchRaw:
    """The dataset's first batch."""
    name = {"dataset": dataset, "batch_id": f"{dataset}-0001"}
    return samples.raw(1).model_copy(update=name)


REFUSED = samples.result(
    Stage.CLEAN, 1, Verdict.REFUSED, after=1, seconds=0.5, reason="text where numbers are"
)


async def test_status_tells_of_a_platform_that_is_known_by_address_only(
    kafka: str,
    catalog_url: str,
    dataset: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await send(kafka, raw(dataset))
    async with open_catalog(CatalogSettings(catalog_url=catalog_url)) as catalog:
        await catalog.record(of(dataset, REFUSED))
    monkeypatch.setenv("RELEVO_CATALOG_URL", catalog_url)
    monkeypatch.setenv("RELEVO_DATASET", dataset)
    monkeypatch.setenv("RELEVO_DATA_API", "http://127.0.0.1:1")
    arguments = ["status", "--json", "--state", str(tmp_path / "none"), "--kafka", kafka]

    # In a thread: the command has an event loop of its own.
    result = await asyncio.to_thread(CliRunner().invoke, build_app(), arguments)

    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    [batch] = [batch for batch in told["batches"] if batch["dataset"] == dataset]
    assert batch["raw"]["state"] == "done"
    assert batch["clean"]["refused"] == "text where numbers are"
    assert batch["verdict"] == "refused"
    assert "no address is known: RELEVO_LAG_WATCHER" in told["unknown"].pop("lag")
    assert set(told["unknown"]) == {"source", "progress", "holds", "pods"}
    assert "RELEVO_" not in told["unknown"]["source"], "it was named, and does not answer"
    assert catalog_url not in result.stdout


async def test_data_path_prints_the_addresses_of_a_stage_in_order(
    catalog_url: str, dataset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_catalog(CatalogSettings(catalog_url=catalog_url)) as catalog:
        for number in (2, 1):
            kept = samples.result(Stage.CLEAN, number, after=1, seconds=0.5)
            table = ObjectRef(key=f"clean/{number}.parquet", sha256="0" * 64, size=1)
            await catalog.record(of(dataset, kept.model_copy(update={"table": table})))
    monkeypatch.setenv("RELEVO_CATALOG_URL", catalog_url)
    for name in ("ENDPOINT_URL", "ACCESS_KEY", "SECRET_KEY"):
        monkeypatch.setenv(f"RELEVO_S3_{name}", "http://127.0.0.1:1")
    arguments = ["data", "path", dataset, "clean"]

    run = CliRunner().invoke
    both = await asyncio.to_thread(run, build_app(), arguments)
    one = await asyncio.to_thread(run, build_app(), [*arguments, "--batch", "2"])
    none = await asyncio.to_thread(run, build_app(), ["data", "path", dataset, "raw"])

    assert both.stdout == "s3://batches/clean/1.parquet\ns3://batches/clean/2.parquet\n"
    assert one.stdout == "s3://batches/clean/2.parquet\n"
    assert (none.exit_code, none.stdout) == (1, "")
    assert "has no raw rows yet" in none.stderr


async def test_the_watch_hears_events_and_verdicts_as_they_come(
    kafka: str, catalog_url: str, dataset: str
) -> None:
    story, lines = Story(), []

    def take(fact: Fact) -> None:
        lines.extend(story.add(fact))

    async def until(text: str) -> None:
        deadline = time.monotonic() + 20
        while not any(
            line.subject.startswith(dataset) and text in line.text for line in lines
        ):
            assert time.monotonic() < deadline, lines
            await asyncio.sleep(0.05)

    where = Whereabouts(kafka=kafka, catalog_url=catalog_url, datasets=(dataset,))
    await create_topics(kafka)
    story.add(samples.released(1))  # another dataset: names are told in full
    watching = asyncio.create_task(Watching(where, take, results_of).run())
    try:
        await send(kafka, raw(dataset))
        await until("15,000 rows stored")
        async with open_catalog(CatalogSettings(catalog_url=catalog_url)) as catalog:
            await catalog.record(of(dataset, REFUSED))
        await until("refused by the cleaner: text where numbers are")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_watch_on_servers_that_are_not_there_goes_on() -> None:
    where = Whereabouts(
        kafka="127.0.0.1:1",
        catalog_url="postgresql://127.0.0.1:1/x",
        data_api="http://127.0.0.1:1",
    )
    watching = asyncio.create_task(Watching(where, lambda _: None, results_of).run())

    done, _ = await asyncio.wait([watching], timeout=3)

    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert not done
