"""Promotions and MLflow's absence can be seen from outside."""

from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client import REGISTRY

from registry_watcher.measuring import show_holds, show_promotions
from registry_watcher.mlflow_registry import MlflowRegistry
from relevo_contracts import ModelPromoted, ObjectRef, OutageError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PREFIX = "relevo_registry_watcher_"


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(PREFIX + name, labels)


def promotion(version: str) -> ModelPromoted:
    return ModelPromoted(
        model="m",
        model_version=version,
        dataset="d",
        bundle=ObjectRef(key="k", sha256="0" * 64, size=1),
        signature_sha256="0" * 64,
        run_id="r",
        batches=("d-0001", "d-0002"),
        released_at=NOW,
        promoted_at=NOW,
    )


def test_only_the_promotion_that_stands_is_shown() -> None:
    show_promotions([promotion("1")])
    show_promotions([promotion("2")])

    promoted = "promoted_timestamp_seconds"
    assert shown(promoted, model="m", model_version="1") is None
    assert shown(promoted, model="m", model_version="2") == NOW.timestamp()
    newest = "newest_batch_released_timestamp_seconds"
    assert shown(newest, model="m", batch_id="d-0002") == NOW.timestamp()


def test_after_a_rollback_the_version_is_not_measured_by_its_batches() -> None:
    show_promotions([promotion("2")])
    show_promotions([promotion("1").model_copy(update={"moved_by": "rollback"})])

    newest = "newest_batch_released_timestamp_seconds"
    assert shown(newest, model="m", batch_id="d-0002") is None
    assert shown("champion_version", model="m") == 1


def test_a_held_model_is_shown_until_it_is_not_held() -> None:
    show_holds({"m": True})
    held = shown("model_held", model="m")
    show_holds({"m": False})

    assert (held, shown("model_held", model="m")) == (1, 0)


async def test_since_when_mlflow_is_away_is_shown_until_it_answers() -> None:
    status = 503
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json={}))
    async with httpx.AsyncClient(transport=transport, base_url="http://mlflow") as client:
        registry = MlflowRegistry(client, alias="champion")
        away_since = []
        for _ in range(2):
            with pytest.raises(OutageError):
                await registry.aliases()
            away_since.append(shown("mlflow_away_since_timestamp_seconds"))
        status = 200
        await registry.aliases()

    assert away_since[0]
    assert away_since[1] == away_since[0]
    assert shown("mlflow_away_since_timestamp_seconds") == 0
