"""A second port has what operates a service, and the first one has it no more."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from relevo_contracts.keys import Keys
from relevo_local.places.ports import free_ports
from relevo_runtime.testing import eventually

pytestmark = pytest.mark.slow

PROGRAM = """
from contextlib import asynccontextmanager
from relevo_runtime.http.operation import build_app
from relevo_runtime.service import run
from relevo_runtime.settings import ServiceSettings
from starlette.responses import JSONResponse
from starlette.routing import Route

@asynccontextmanager
async def running():
    yield

async def facts(_):
    return JSONResponse({})

routes = [Route("/facts", facts)]
run("test", ServiceSettings, lambda _: build_app("test", running, routes=routes))
"""


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """The addresses of a service with keys: for all, and for those who operate it."""
    file = tmp_path / "keys.json"
    file.write_text(Keys().model_dump_json())
    ports = free_ports(2)
    settings = {
        "HTTP_PORT": str(ports[0]),
        "HTTP_OPERATIONS_PORT": str(ports[1]),
        "API_KEYS_FILE": str(file),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM), env=dict(os.environ) | settings
    )
    usual, apart = (f"http://127.0.0.1:{port}" for port in ports)

    async def answers() -> bool:
        try:
            return await status(f"{apart}/ready") == 200
        except httpx.TransportError:
            return False

    await eventually(answers, "the service is ready", seconds=30)
    yield usual, apart
    process.terminate()
    await process.wait()


async def status(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code


async def test_metrics_are_open_on_the_port_of_their_own_and_nothing_else_is_there(
    doors: tuple[str, str],
) -> None:
    usual, apart = doors

    assert {await status(f"{door}/health") for door in doors} == {200}
    assert (await status(f"{apart}/metrics"), await status(f"{usual}/metrics")) == (
        200,
        404,
    )
    assert (await status(f"{apart}/facts"), await status(f"{usual}/facts")) == (404, 401)
