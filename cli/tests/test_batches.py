"""Batches on a real catalog and Kafka: listed, tried again, made again, and noted."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from relevo.app import build_app
from relevo_contracts import Envelope, Topic
from relevo_contracts.results import Announcement, Stage, Verdict
from relevo_runtime.kafka.topics import create_topics
from relevo_storage import CatalogSettings, migrate, open_catalog
from relevo_story.sources.topics import open_reader
from relevo_story.telling import samples

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

Run = Callable[..., str]


@pytest.fixture
def dataset() -> str:
    """A dataset that no other test knows: the topics are everybody's."""
    return f"cli{uuid.uuid4().hex[:8]}"


@pytest.fixture
def run(
    kafka: str,
    postgres: str,
    dataset: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """The command, with the addresses known by the environment only, and one dataset."""
    asyncio.run(create_topics(kafka))
    url = f"{postgres.rsplit('/', 1)[0]}/{dataset}"
    asyncio.run(fill(postgres, url, dataset))
    monkeypatch.setenv("RELEVO_KAFKA", kafka)
    monkeypatch.setenv("RELEVO_CATALOG_URL", url)
    monkeypatch.setenv("RELEVO_DATASET", dataset)
    monkeypatch.setenv("RELEVO_STATE", str(tmp_path))

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(build_app(), arguments)
        assert done.exit_code == code, done.output
        return done.output

    return run


async def fill(postgres: str, url: str, dataset: str) -> None:
    """A catalog with batch 1 through and batch 2 refused by the cleaner."""
    connection = await asyncpg.connect(postgres)
    await connection.execute(f'CREATE DATABASE "{dataset}"')
    await connection.close()
    await migrate(url)
    async with open_catalog(CatalogSettings(catalog_url=SecretStr(url))) as catalog:
        for number in (1, 2):
            raw = samples.raw(number, dataset)
            envelope = Envelope.of(raw, source="ingestor", cause=raw.batch_id)
            taken = samples.result(Stage.RAW, number, dataset=dataset, after=1, seconds=1)
            told = Announcement(
                envelope=envelope.model_dump(mode="json"), body=raw.model_dump(mode="json")
            )
            await catalog.record(taken.model_copy(update={"announcement": told}))
        for stage, number, verdict in (
            (Stage.CLEAN, 1, Verdict.ACCEPTED),
            (Stage.TRAINED, 1, Verdict.KEPT),
            (Stage.CLEAN, 2, Verdict.REFUSED),
        ):
            made = samples.result(
                *(stage, number, verdict),
                dataset=dataset,
                after=3,
                seconds=1,
                reason="too few rows",
            )
            await catalog.record(made)


def sent(kafka: str, dataset: str) -> list[str]:
    """The batches that batch.raw tells of."""

    async def read() -> list[str]:
        async with open_reader(kafka, [Topic.BATCH_RAW]) as reader:
            return [(record.key or b"").decode() for record in await reader.history()]

    return [key for key in asyncio.run(read()) if key.startswith(dataset)]


def test_a_refused_batch_is_listed_tried_again_and_in_the_history(
    run: Run, kafka: str, dataset: str
) -> None:
    assert "too few rows" in run("batches", "list")
    assert "would" in run("batches", "retry", "2", "--dry-run")
    assert sent(kafka, dataset) == []

    told = run("batches", "retry", "2", "--why", "the gate is another one", "--who", "ana")

    assert f"batch 2 of {dataset} will be cleaned again" in told
    assert sent(kafka, dataset) == [f"{dataset}-0002"]
    assert "is being made again" in run("batches", "show", "2")
    (action,) = json.loads(run("history", f"{dataset}-0002", "--json"))
    assert (action["what"], action["outcome"], action["who"]) == ("retry", "done", "ana")


def test_a_replay_is_told_before_it_is_done_and_refused_while_a_batch_is_in_work(
    run: Run, kafka: str, dataset: str
) -> None:
    replay = ["replay", "--from", "1", "--to", "1", "--why", "new rules"]
    assert "cleaned and then trained again" in run(*replay, "--dry-run")
    assert sent(kafka, dataset) == []

    run(*replay)

    assert sent(kafka, dataset) == [f"{dataset}-0001"]
    assert "a stage is still at it" in run(*replay, code=1)
    made = json.loads(run("batches", "show", "1", "--json"))["stages"]
    assert [made[stage]["again"] for stage in ("raw", "clean", "trained")] == [
        *(False, True, True)
    ]
