"""Clients that are generated out of a pod's document call each of its operations."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PROGRAM = Path(__file__).with_name("generated.py")


@pytest.mark.parametrize("generator", ["openapi-python-client", "openapi-generator"])
async def test_a_generated_client_calls_every_route(
    address: str, serve: Callable[..., Any], tmp_path: Path, generator: str
) -> None:
    serve()
    url = f"http://{address}"
    command = [sys.executable, str(PROGRAM), generator, url, str(tmp_path)]

    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
    told = dict(re.findall(r"^(\w+) (\d+)$", done.stdout, re.MULTILINE))
    async with httpx.AsyncClient(base_url=url) as client:
        page = (await client.get("/openapi.json")).json()
    operations = [each for path in page["paths"].values() for each in path.values()]
    names = {operation["operationId"] for operation in operations}
    assert told == dict.fromkeys(names, "200"), done.stdout[-3000:]
