"""The registry as a real MLflow server gives it."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from mlflow import MlflowClient
from mlflow.entities.webhook import Webhook
from starlette.applications import Starlette

from registry_watcher.mlflow_registry import MlflowRegistry, open_registry
from registry_watcher.registry import Champion
from registry_watcher.webhook import webhook_route
from relevo_contracts import OutageError
from relevo_contracts.registry_notes import HELD, MOVED, Moved

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]
CONTENT = b"the bundle's bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
async def registry(mlflow_url: str) -> AsyncIterator[MlflowRegistry]:
    async with open_registry(mlflow_url, alias="champion") as registry:
        yield registry


@pytest.fixture
def client(mlflow_url: str) -> MlflowClient:
    return MlflowClient(mlflow_url)


def register(
    client: MlflowClient, folder: Path, *, tags: dict[str, str]
) -> tuple[str, str]:
    """A model of its own with one version, whose run holds a bundle: name and version."""
    model = f"model-{uuid.uuid4().hex[:8]}"
    experiment = client.create_experiment(model)
    run = client.create_run(experiment)
    file = folder / "bundle.zip"
    file.write_bytes(CONTENT)
    client.log_artifact(run.info.run_id, str(file), "bundle")
    client.create_registered_model(model)
    version = client.create_model_version(
        model, run.info.artifact_uri, run.info.run_id, tags=tags
    )
    client.set_registered_model_alias(model, "champion", version.version)
    return model, str(version.version)


async def champion_named(registry: MlflowRegistry, model: str) -> Champion:
    return await registry.champion(
        next(each for each in await registry.aliases() if each.model == model)
    )


async def test_a_champion_is_found_with_what_the_trainer_wrote_on_it(
    registry: MlflowRegistry, client: MlflowClient, tmp_path: Path
) -> None:
    tags = {"relevo.bundle_sha256": SHA256, "relevo.bundle_path": "bundle/bundle.zip"}
    model, version = register(client, tmp_path, tags=tags)

    champion = await champion_named(registry, model)

    assert (champion.model_version, champion.bundle_sha256) == (version, SHA256)
    assert champion.alias == "champion"
    assert await registry.bundle(champion) == CONTENT


async def test_a_champion_brings_the_notes_on_its_model(
    registry: MlflowRegistry, client: MlflowClient, tmp_path: Path
) -> None:
    model, version = register(client, tmp_path, tags={})
    moved = Moved(version=version, by="rollback", who="ana", why="w", at=datetime.now(UTC))
    client.set_registered_model_tag(model, MOVED, moved.model_dump_json())
    client.set_registered_model_tag(model, HELD, "until the audit")

    champion = await champion_named(registry, model)

    assert champion.moved == moved
    assert champion.held is not None
    assert champion.held.why == "until the audit"


async def test_a_version_without_a_bundle_is_said_to_have_none(
    registry: MlflowRegistry, client: MlflowClient, tmp_path: Path
) -> None:
    model, _ = register(client, tmp_path, tags={"relevo.bundle_path": "nowhere/bundle.zip"})

    with pytest.raises(FileNotFoundError):
        await registry.bundle(await champion_named(registry, model))


async def test_a_refusal_is_written_on_the_version(
    registry: MlflowRegistry, client: MlflowClient, tmp_path: Path
) -> None:
    model, version = register(client, tmp_path, tags={})

    await registry.refuse(await champion_named(registry, model), "it has no bundle")

    tags = client.get_model_version(model, version).tags
    assert tags["relevo.refused"] == "it has no bundle"


@asynccontextmanager
async def listening(app: Starlette) -> AsyncIterator[str]:
    """The URL of the application on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110 (uvicorn offers no event)
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def test_a_moved_alias_nudges_by_one_webhook_however_often_it_was_registered(
    registry: MlflowRegistry, client: MlflowClient, tmp_path: Path
) -> None:
    model, version = register(client, tmp_path, tags={})
    nudged = asyncio.Event()
    app = Starlette(routes=[webhook_route(nudged.set, secret="of the test")])
    async with listening(app) as url, asyncio.timeout(30):
        for _ in range(3):
            await registry.call_back(url + "/webhook", "of the test")
        while not nudged.is_set():  # MLflow may remember for a second that nobody listens
            await asyncio.to_thread(
                client.set_registered_model_alias, model, "champion", version
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(nudged.wait(), 1)

    hooks = [
        hook for hook in client.list_webhooks() if hook.name == "relevo-registry-watcher"
    ]
    assert len(hooks) == 1


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({}, None),
        ({"url": "http://127.0.0.1:9/elsewhere"}, "it called http://127.0.0.1:9/elsewhere"),
        ({"status": "DISABLED"}, "it was DISABLED"),
        ({"events": ["registered_model.created"]}, "it did not call for"),
        (None, "it was not registered"),
    ],
    ids=["nothing", "another address", "disabled", "other events", "deleted"],
)
async def test_a_webhook_that_was_changed_or_deleted_is_registered_again_and_told(
    registry: MlflowRegistry,
    client: MlflowClient,
    damage: dict[str, Any] | None,
    told: str | None,
) -> None:
    def ours() -> list[Webhook]:
        hooks = client.list_webhooks()
        return [hook for hook in hooks if hook.name == "relevo-registry-watcher"]

    url = "http://127.0.0.1:8080/webhook"
    await registry.call_back(url, "of the test")
    [hook] = await asyncio.to_thread(ours)
    if damage is None:
        await asyncio.to_thread(client.delete_webhook, hook.webhook_id)
    elif damage:
        await asyncio.to_thread(client.update_webhook, hook.webhook_id, **damage)

    difference = await registry.call_back(url, "of the test")

    assert (difference or "").startswith(told or "")
    assert (difference is None) == (told is None)
    [mended] = await asyncio.to_thread(ours)
    assert (mended.url, mended.status) == (url, "ACTIVE")
    assert {str(event) for event in mended.events} == {
        "model_version_alias.created",
        "model_version_alias.deleted",
    }


async def test_an_absent_server_is_an_outage() -> None:
    async with open_registry("http://127.0.0.1:9", alias="champion") as registry:
        with pytest.raises(OutageError, match="does not answer"):
            await registry.aliases()
