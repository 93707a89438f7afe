"""With keys on: the fast path lets in whom the ordinary way lets in, and as often."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from prometheus_client import REGISTRY

from inference.app import access
from inference.door.fast_path import fast_protocol
from inference.settings import Settings
from relevo_contracts.keys import Key, Keys, Scope, digest_of, new_key
from relevo_local.places.ports import free_port
from relevo_runtime.http.keys import KeyRing
from relevo_runtime.http.shell import surround
from relevo_runtime.testing import eventually

Row = dict[str, Any]
Serve = Callable[..., Any]


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    """Keys by their names, which say what they may do; as a file in this folder."""
    keys = {name: new_key() for name in ("predict", "operate", "twice")}
    ring = [
        Key(
            name=name,
            sha256=digest_of(key.encode()).hex(),
            scopes=(Scope.OPERATE if name == "operate" else Scope.PREDICT,),
            per_second=0.001 if name == "twice" else None,
            burst=2 if name == "twice" else None,
        )
        for name, key in keys.items()
    ]
    (tmp_path / "keys.json").write_text(Keys(keys=tuple(ring)).model_dump_json())
    return keys


@asynccontextmanager
async def served(
    app: FastAPI, settings: Settings, ring: KeyRing, *, apart: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with keys; apart: on the port of those who operate it."""
    number = free_port()
    settings = settings.model_copy(
        update={"http_operations_port": number if apart else None}
    )
    shell = surround(app, settings, keys=ring, access=access(settings))
    protocol = fast_protocol(app.state.slots, max_bytes=settings.inference_max_bytes)
    made = partial(protocol, keys=ring, apart=settings.http_operations_port)
    config = uvicorn.Config(
        shell,
        port=number,
        http=made,  # type: ignore[arg-type] # as in `serve`
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, "the server listens")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{number}") as client:
        yield client
    server.should_exit = True
    await serving


@pytest.fixture
def ring(keys: dict[str, str], tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys.json")


@pytest.fixture
async def locked(
    app: FastAPI, settings: Settings, ring: KeyRing
) -> AsyncIterator[httpx.AsyncClient]:
    async with served(app, settings, ring) as client:
        yield client


def admitted(name: str) -> float:
    labels = {"key": name, "outcome": "admitted"}
    return REGISTRY.get_sample_value("relevo_runtime_keyed_requests_total", labels) or 0


@pytest.mark.parametrize(
    ("name", "status"), [(None, 401), ("guessed", 401), ("operate", 403), ("predict", 200)]
)
async def test_the_fast_path_lets_in_who_may_predict_and_nobody_else(
    locked: httpx.AsyncClient,
    serve: Serve,
    example: Row,
    keys: dict[str, str],
    name: str | None,
    status: int,
) -> None:
    serve()
    before = admitted(str(name))
    headers = {"x-api-key": keys.get(name, name)} if name else {}

    answer = await locked.post("/predict", json=example, headers=headers)

    assert answer.status_code == status
    assert admitted(str(name)) == before + (status == 200)


async def test_the_fast_path_and_the_ordinary_way_share_the_rate_of_a_key(
    locked: httpx.AsyncClient, serve: Serve, example: Row, keys: dict[str, str]
) -> None:
    serve()
    bearer = {"authorization": f"Bearer {keys['twice']}"}

    async def ask(row: Row) -> int:
        return (await locked.post("/predict", json=row, headers=bearer)).status_code

    # a row that both looked at was asked once
    statuses = [await ask(row) for row in (example | {"no_field": 5}, example, example)]

    assert statuses == [422, 200, 429]


async def test_the_port_of_those_who_operate_a_pod_reloads_and_does_not_predict(
    app: FastAPI,
    settings: Settings,
    ring: KeyRing,
    serve: Serve,
    example: Row,
    keys: dict[str, str],
) -> None:
    serve()
    async with served(app, settings, ring, apart=True) as client:
        headers = {name: {"x-api-key": key} for name, key in keys.items()}

        answered = [
            await client.post("/predict", json=example, headers=headers["predict"]),
            await client.post("/reload_model", headers=headers["predict"]),
            await client.post("/reload_model", headers=headers["operate"]),
            await client.get("/metrics"),
        ]

    assert [answer.status_code for answer in answered] == [404, 403, 200, 200]
