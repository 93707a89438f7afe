"""The service as a whole: its settings, and what it answers while its servers are away."""

import httpx
import pytest
from pydantic import ValidationError

from ingestor.app import build
from ingestor.settings import Settings


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
        assert f"relevo_ingestor_rows_total{labels} 0.0" in metrics.text


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
