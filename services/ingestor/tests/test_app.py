"""The service as a whole: its settings, and what it answers while its servers are away."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from ingestor.app import build
from ingestor.settings import Settings
from ingestor.undying import undying
from relevo_datasets import Source, dataset_named
from relevo_runtime.testing import eventually


def settings(**changes: object) -> Settings:
    values: dict[str, object] = {
        "data_api_url": "http://127.0.0.1:1",
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "s3_endpoint_url": "http://127.0.0.1:1",
        "s3_access_key": "key",
        "s3_secret_key": "long-and-random",
        "catalog_url": "postgresql://nobody@127.0.0.1:1/catalog",
    }
    return Settings.model_validate(values | changes)


async def test_it_lives_and_is_not_ready_while_its_servers_are_away() -> None:
    app = build(settings(RELEVO_DATASET="pima,covertype"))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://ingestor") as client,
    ):
        health = await client.get("/health")
        ready = await client.get("/ready")
        metrics = await client.get("/metrics")

    assert health.json()["service"] == "ingestor"
    assert ready.status_code == 503
    assert ready.json()["reason"]
    for name in ("pima", "covertype"):
        labels = f'{{dataset="{name}"}}'
        assert f"relevo_source_expected_up{labels} 1.0" in metrics.text
        assert f"relevo_ingestor_rows_total{labels} " in metrics.text  # from the start


def test_a_dataset_that_nobody_knows_ends_the_start_and_the_known_are_named() -> None:
    with pytest.raises(KeyError, match=r"no dataset 'nonsense'.*there are:.*pima"):
        build(settings(RELEVO_DATASET="diabetes130,nonsense"))


def test_by_itself_it_takes_diabetes130() -> None:
    assert settings().datasets == ("diabetes130",)


@pytest.mark.parametrize(
    "changes",
    [
        {"data_api_url": "file:///etc"},
        {"ingestor_max_rows": 0},
        {"ingestor_max_bytes": -1},
        {"ingestor_source_schedule": "in the morning"},
    ],
)
def test_senseless_settings_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**changes)


def test_a_source_that_is_nowhere_ends_the_start_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"batches of pima are: set DATA_API_URL"):
        build(settings(RELEVO_DATASET="pima", data_api_url=""))


def test_an_address_in_the_environment_goes_before_the_declaration_and_is_a_secret() -> (
    None
):
    own = settings(ingestor_sources={"pima": "http://me:secret@host/get_data"})
    declared = Source(kind="cursor", url="http://elsewhere/get_data")
    pima = replace(dataset_named("pima"), source=declared)

    assert own.address_of(pima) == "http://me:secret@host/get_data"
    assert settings().address_of(pima) == "http://elsewhere/get_data"
    assert "secret" not in repr(own.ingestor_sources)


async def test_one_dataset_s_fault_ends_no_other_s_work() -> None:
    done: list[str] = []

    async def faulty() -> None:
        done.append("faulty")
        raise RuntimeError("a bug")

    async def sound() -> None:
        while True:
            done.append("sound")
            await asyncio.sleep(0)

    async def soon(_: float) -> None:
        await asyncio.sleep(0)

    works = [
        asyncio.create_task(undying(faulty, "pima", soon)),
        asyncio.create_task(undying(sound, "covertype", soon)),
    ]
    await eventually(lambda: done.count("faulty") > 3, "it is begun anew")

    assert not any(each.done() for each in works)
    assert done.count("sound") > 3
    labels = {"dataset": "pima"}
    faults = REGISTRY.get_sample_value("relevo_ingestor_faults_total", labels)
    assert faults
    assert faults >= 3
    for each in works:
        each.cancel()
