"""The registry as a real MLflow server gives it."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from mlflow import MlflowClient

from relevo_contracts import OutageError
from relevo_contracts.registry_notes import HELD, MOVED, Held, Moved
from relevo_operations.mlflow_registry import MlflowRegistry, open_registry

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
async def registry(mlflow_url: str) -> AsyncIterator[MlflowRegistry]:
    async with open_registry(mlflow_url) as registry:
        yield registry


@pytest.fixture
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url)


@pytest.fixture
def model(client: MlflowClient) -> str:
    """A model with two versions and no champion."""
    name = f"model-{uuid.uuid4().hex[:8]}"
    client.create_registered_model(name)
    client.create_model_version(name, "s3://x/y", tags={"relevo.bundle_sha256": "0" * 64})
    client.create_model_version(name, "s3://x/y", tags={"relevo.refused": "no bundle"})
    return name


async def test_a_move_leaves_its_note_and_moves_the_alias(
    registry: MlflowRegistry, client: MlflowClient, model: str
) -> None:
    moved = Moved(version="1", by="rollback", who="ana", why="alarms: “many”", at=NOW)
    await registry.move(model, moved)

    found = await registry.model(model)

    assert found is not None
    assert found.champion == "1"
    assert found in await registry.models()
    tag = client.get_registered_model(model).tags[MOVED]
    assert Moved.read(tag, version="1") == moved


async def test_versions_tell_whether_they_can_serve_and_what_is_not_there_is_none(
    registry: MlflowRegistry, model: str
) -> None:
    first, second = await registry.version(model, "1"), await registry.version(model, "2")

    assert first is not None
    assert (first.bundle_sha256, first.refused) == ("0" * 64, None)
    assert second is not None
    assert (second.bundle_sha256, second.refused) == (None, "no bundle")
    assert await registry.version(model, "9") is None
    assert await registry.model("a-model-that-nobody-made") is None


async def test_a_hold_is_a_tag_which_goes_when_nobody_holds(
    registry: MlflowRegistry, client: MlflowClient, model: str
) -> None:
    held = Held(who="ana", why="an audit", at=NOW)
    await registry.hold(model, held)
    found = await registry.model(model)
    for _ in range(2):
        await registry.hold(model, None)

    assert found is not None
    assert found.held == held
    assert HELD not in client.get_registered_model(model).tags


async def test_an_absent_server_is_an_outage() -> None:
    async with open_registry("http://127.0.0.1:9") as registry:
        with pytest.raises(
            OutageError, match=r"no MLflow answers at http://127\.0\.0\.1:9"
        ):
            await registry.models()
